//! Verifying an access token: the algorithm comes from the key, never from the token; `iss`, `aud`, `exp` and `sub` are
//! required; every claim that is looked at must have its documented type (Supabase, "JWT claims reference"; RFC 8725).

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use uuid::Uuid;

use super::Jwks;
use crate::config::Config;
use crate::ids::UserId;

/// Skew that is tolerated, as PostgREST does.
const LEEWAY_SECONDS: i64 = 30;

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

/// Why a token was refused. For the log: the client hears less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a JWT of a size and shape we read.
    #[error("malformed token")]
    Malformed,
    /// `alg` is not the key's, or no key fits.
    #[error("no trusted key fits the token's header")]
    UnknownKey,
    /// The signature does not verify.
    #[error("signature does not verify")]
    Signature,
    /// A claim is missing, has the wrong type or the wrong value.
    #[error("claims are not those of a signed-in user of this project")]
    Claims,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// No key set was ever fetched.
    #[error("signing keys unavailable")]
    KeysUnavailable,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    sub: Uuid,
    role: String,
    #[serde(default)]
    app_metadata: AppMetadata,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Default, Deserialize)]
struct AppMetadata {
    #[serde(default)]
    role: Option<String>,
}

/// Verifies `token` against the project's keys.
///
/// # Errors
///
/// [`Rejection`].
pub async fn verify(config: &Config, jwks: &Jwks, token: &str) -> Result<Caller, Rejection> {
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return Err(Rejection::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Malformed)?;
    let (key, algorithm) = match header.alg {
        Algorithm::HS256 => legacy_key(config)?,
        _ => {
            let kid = header.kid.as_deref().ok_or(Rejection::UnknownKey)?;
            jwks.find(kid).await?
        }
    };
    if header.alg != algorithm {
        return Err(Rejection::UnknownKey);
    }
    let claims = decode(token, &key, algorithm)?;
    check(config, &claims, jiff::Timestamp::now().as_second())?;
    Ok(Caller {
        id: UserId(claims.sub),
        role: claims.app_metadata.role,
        token: token.to_owned().into(),
    })
}

/// The project's shared secret, trusted only when it is configured.
fn legacy_key(config: &Config) -> Result<(DecodingKey, Algorithm), Rejection> {
    let secret = config
        .supabase
        .jwt_secret
        .as_ref()
        .ok_or(Rejection::UnknownKey)?;
    Ok((
        DecodingKey::from_secret(secret.expose_secret().as_bytes()),
        Algorithm::HS256,
    ))
}

/// Checks the signature only: the claims are checked by type and value in [`check`].
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

fn check(config: &Config, claims: &Claims, now: i64) -> Result<(), Rejection> {
    let audience = match &claims.aud {
        Audience::One(aud) => aud == "authenticated",
        Audience::Many(list) => list.iter().any(|aud| aud == "authenticated"),
    };
    let early = claims
        .nbf
        .is_some_and(|nbf| nbf > now.saturating_add(LEEWAY_SECONDS));
    if claims.iss != config.supabase.jwt_issuer
        || !audience
        || claims.role != "authenticated"
        || early
    {
        return Err(Rejection::Claims);
    }
    if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
        return Err(Rejection::Expired);
    }
    Ok(())
}
