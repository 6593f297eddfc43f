//! Who calls: access tokens of Supabase Auth, and the scheduler's secret.

mod claims;
mod jwks;
mod key_set;
mod rejection;
mod token;
mod verified_tokens;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use jwks::Jwks;
use rejection::Rejection;
pub use token::Caller;

use crate::config::Config;
use crate::problem::{Kind, Problem};

/// Reads and verifies the caller's access token.
///
/// # Errors
///
/// [`Kind::TokenMissing`], [`Kind::TokenExpired`], [`Kind::TokenInvalid`]; [`Kind::UpstreamUnavailable`] when no signing
/// key could ever be fetched.
pub async fn user(config: &Config, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = bearer(headers)?;
    token::verify(config, Jwks::shared(config), token)
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
    let expected = config
        .app
        .cron_secret
        .as_ref()
        .map(SecretString::expose_secret);
    match expected {
        Some(secret) if verify_slices_are_equal(secret.as_bytes(), given.as_bytes()).is_ok() => {
            Ok(())
        }
        _ => {
            Err(Problem::new(Kind::TokenInvalid)
                .detail("The scheduler's secret is not the right one."))
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let missing = || {
        Problem::new(Kind::TokenMissing)
            .detail("Send the header Authorization: Bearer <access token>.")
    };
    let value = headers.get(AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(missing());
    }
    Ok(token.trim())
}
