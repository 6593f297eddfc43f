//! Verifying an access token: the algorithm comes from the key, never from the token; `iss`, `aud`, `exp` and `sub` are
//! required; every claim that is looked at must have its documented type (Supabase, "JWT claims reference"; RFC 8725).

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};

use super::claims::Claims;
use super::jwks::Jwks;
use super::rejection::Rejection;
use crate::config::Config;
use crate::ids::UserId;

/// Larger tokens are refused before anything is decoded.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `sub`.
    pub id: UserId,
    /// `app_metadata.role`: the product's role, set by the server only.
    pub role: Option<String>,
    /// The token itself, to read rows with.
    pub token: SecretString,
}

/// Verifies `token` against the project's keys.
///
/// # Errors
///
/// [`Rejection`].
pub(super) async fn verify(config: &Config, jwks: &Jwks, token: &str) -> Result<Caller, Rejection> {
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return Err(Rejection::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Malformed)?;
    if header.crit.is_some() {
        // Extensions that must be understood; we understand none (RFC 7515, 4.1.11).
        return Err(Rejection::Malformed);
    }
    let claims = match header.alg {
        Algorithm::HS256 => Arc::new(decode(token, &legacy_key(config)?, Algorithm::HS256)?),
        algorithm => {
            let kid = header.kid.as_deref().ok_or(Rejection::UnknownKey)?;
            let trusted = jwks.find(kid).await?;
            if trusted.algorithm != algorithm {
                return Err(Rejection::UnknownKey);
            }
            trusted
                .verified
                .claims(token, || decode(token, &trusted.key, algorithm))?
        }
    };
    let now = jiff::Timestamp::now().as_second();
    claims.check(&config.supabase.jwt_issuer, now)?;
    Ok(Caller {
        id: UserId(claims.sub),
        role: claims.app_metadata.role.clone(),
        token: token.to_owned().into(),
    })
}

/// The project's shared secret, trusted only when it is configured.
fn legacy_key(config: &Config) -> Result<DecodingKey, Rejection> {
    let secret = config
        .supabase
        .jwt_secret
        .as_ref()
        .ok_or(Rejection::UnknownKey)?;
    Ok(DecodingKey::from_secret(secret.expose_secret().as_bytes()))
}

/// Checks the signature only: the claims are checked by type and value in [`Claims::check`].
fn decode(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Claims, Rejection> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map(|data| data.claims)
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => Rejection::Claims,
            _ => Rejection::Signature,
        })
}

#[cfg(test)]
mod tests;
