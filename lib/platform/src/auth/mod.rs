//! Who calls: access tokens of Supabase Auth, and the scheduler's secret.

mod claims;
mod jwks;
mod key_set;

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::ids::{AgentId, UserId};
use crate::problem::{Kind, Problem};
use claims::{Claims, Rejection};
use jwks::Jwks;

/// Reads and verifies the caller's access token.
///
/// # Errors
///
/// [`Kind::TokenMissing`], [`Kind::TokenExpired`], [`Kind::TokenInvalid`]; [`Kind::UpstreamUnavailable`] when no signing
/// key could ever be fetched.
pub async fn user(config: &Config, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = bearer(headers)?;
    verify(config, Jwks::shared(config), token)
        .await
        .map_err(|rejection| match rejection {
            Rejection::Expired => Problem::new(Kind::TokenExpired)
                .detail("The access token has expired. Refresh the session."),
            Rejection::KeysUnavailable => Problem::new(Kind::UpstreamUnavailable)
                .detail("The signing keys cannot be fetched right now. Try again shortly."),
            other => Problem::new(Kind::TokenInvalid)
                .detail("The access token is not valid. Sign in again.")
                .source(other),
        })
}

/// Does what the first caller would otherwise wait for: fetches the signing keys, and so opens a connection to Supabase.
pub(crate) async fn prepare(config: &Config) {
    Jwks::shared(config).prepare().await;
}

/// Checks the scheduler's secret in constant time. Without `CRON_SECRET` nobody gets in.
///
/// # Errors
///
/// [`Kind::TokenMissing`], [`Kind::TokenInvalid`].
pub(crate) fn cron(config: &Config, headers: &HeaderMap) -> Result<(), Problem> {
    let given = bearer(headers)?;
    let secret = config
        .app
        .cron_secret
        .as_ref()
        .map(SecretString::expose_secret);
    let is_right =
        |secret: &str| verify_slices_are_equal(secret.as_bytes(), given.as_bytes()).is_ok();
    if secret.is_some_and(is_right) {
        return Ok(());
    }
    Err(Problem::new(Kind::TokenInvalid).detail("The scheduler's secret is not the right one."))
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || {
        Problem::new(Kind::TokenMissing)
            .detail("Send the header Authorization: Bearer <access token>.")
    };
    let value = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let (scheme, token) = value
        .and_then(|value| value.split_once(' '))
        .ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(missing());
    }
    Ok(token.trim())
}

/// Larger tokens are refused before anything is decoded.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `sub`.
    pub id: UserId,
    /// `app_metadata.role`: the product's role, set by the server only.
    pub role: Option<String>,
    /// `client_id`: the program that acts for the user; none when the user does.
    pub agent: Option<AgentId>,
    /// The token itself, to read rows with.
    pub token: SecretString,
}

/// Verifies `token` against the project's keys.
///
/// # Errors
///
/// [`Rejection`].
async fn verify(config: &Config, jwks: &Jwks, token: &str) -> Result<Caller, Rejection> {
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
        agent: claims.client_id.map(AgentId),
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
