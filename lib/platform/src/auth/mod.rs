//! Who calls: access tokens of Supabase Auth, and the scheduler's secret.

mod claims;
mod fetch;
mod jwks;
mod key_set;
mod unpublished;

use std::{sync::Arc, time::Duration};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::config::Config;
use crate::ids::{AgentId, UserId};
use crate::problem::{Kind, Problem};
use claims::{Claims, Rejection};
use jwks::Jwks;
use unpublished::AuthService;

/// Reads and verifies the caller's access token.
///
/// # Errors
///
/// [`Kind::TokenMissing`], [`Kind::TokenExpired`], [`Kind::TokenInvalid`]; [`Kind::UpstreamUnavailable`] when no signing
/// key could ever be fetched, or nobody confirms a key that is not published yet.
pub async fn user(config: &Config, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = bearer(headers)?;
    let service = AuthService::shared(config);
    verify(config, Jwks::shared(config), service, token)
        .await
        .map_err(|rejection| match rejection {
            Rejection::Expired => Problem::new(Kind::TokenExpired)
                .detail("The access token has expired. Refresh the session."),
            Rejection::KeysUnavailable => Problem::new(Kind::UpstreamUnavailable)
                .detail("The signing keys cannot be fetched right now. Try again shortly."),
            Rejection::Unconfirmed => Problem::new(Kind::UpstreamUnavailable)
                .detail("The access token's key is new and cannot be confirmed right now. Try again shortly.")
                .retry_after(Duration::from_secs(2)),
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

/// What the service's own keys sign with.
const TRUSTED_ALGORITHMS: [Algorithm; 2] = [Algorithm::ES256, Algorithm::RS256];

/// A verified caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `sub`.
    pub id: UserId,
    /// `app_metadata.role`: the product's role, set by the server only.
    pub role: Option<String>,
    /// `client_id`: the program that acts for the user; none when the user does.
    pub agent: Option<AgentId>,
    /// `session_id`: the sign-in that the token belongs to.
    pub session: Option<Uuid>,
    /// The token itself, to read rows with.
    pub token: SecretString,
}

/// Verifies `token` against the project's keys.
///
/// # Errors
///
/// [`Rejection`].
async fn verify(
    config: &Config,
    jwks: &Jwks,
    service: &AuthService,
    token: &str,
) -> Result<Caller, Rejection> {
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return Err(Rejection::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Rejection::Malformed)?;
    if header.crit.is_some() {
        // Extensions that must be understood; we understand none (RFC 7515, 4.1.11).
        return Err(Rejection::Malformed);
    }
    let issuer = &config.supabase.jwt_issuer;
    let claims = match header.alg {
        Algorithm::HS256 => {
            let claims = decode(token, &legacy_key(config)?, Algorithm::HS256)?;
            current(Arc::new(claims), issuer)?
        }
        algorithm => {
            let kid = header.kid.as_deref().ok_or(Rejection::UnknownKey)?;
            match jwks.find(kid).await {
                Ok(trusted) if trusted.algorithm != algorithm => Err(Rejection::UnknownKey)?,
                Ok(trusted) => {
                    let decode = || decode(token, &trusted.key, algorithm);
                    current(trusted.verified.claims(token, decode)?, issuer)?
                }
                Err(Rejection::UnknownKey) if TRUSTED_ALGORITHMS.contains(&algorithm) => {
                    // Asked about last: what is wrong with a token in any other way costs no question.
                    let claims = current(Arc::new(unverified(token)?), issuer)?;
                    service.confirm(token, claims.sub).await?;
                    claims
                }
                Err(other) => return Err(other),
            }
        }
    };
    Ok(Caller {
        id: UserId(claims.sub),
        role: claims.app_metadata.role.clone(),
        agent: claims.client_id.map(AgentId),
        session: claims.session_id,
        token: token.to_owned().into(),
    })
}

/// The claims, if they are those of a signed-in user of this project now.
fn current(claims: Arc<Claims>, issuer: &str) -> Result<Arc<Claims>, Rejection> {
    claims.check(issuer, jiff::Timestamp::now().as_second())?;
    Ok(claims)
}

/// What a token says whose signature nobody has verified yet.
fn unverified(token: &str) -> Result<Claims, Rejection> {
    jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| Rejection::Claims)
}

/// The project's shared secret, trusted only when it is configured.
fn legacy_key(config: &Config) -> Result<DecodingKey, Rejection> {
    let secret = config
        .supabase
        .jwt_secret
        .as_ref()
        .ok_or(Rejection::NoSharedSecret)?;
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
