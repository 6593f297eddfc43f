//! The project's signing keys: fetched once for all concurrent callers, kept for ten minutes, served stale for a while
//! when the service is away, and asked again for an unknown `kid` at most twice a minute.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::Rejection;
use crate::config::Config;

/// A key set is asked for again after this (the service's own `max-age`).
const FRESH: Duration = Duration::from_secs(600);
/// An unknown `kid` makes us ask again, at most this often.
const UNKNOWN_KID_EVERY: Duration = Duration::from_secs(30);
/// After a failed fetch the next one waits this long.
const RETRY_EVERY: Duration = Duration::from_secs(5);
/// A set older than this is not trusted any more, even when no newer one can be had.
const STALE_UNTIL: Duration = Duration::from_secs(3600);
const MAX_BYTES: usize = 64 * 1024;

/// A cache of one project's keys.
#[derive(Debug)]
pub struct Jwks {
    url: Url,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: Arc<HashMap<String, (DecodingKey, Algorithm)>>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl Jwks {
    /// The process's cache.
    pub fn shared(config: &Config) -> &'static Self {
        static SHARED: OnceLock<Jwks> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut url = config.supabase.url.clone();
            url.set_path("/auth/v1/.well-known/jwks.json");
            Self::new(url)
        })
    }

    /// A cache of the keys at `url`.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            state: Mutex::default(),
        }
    }

    /// The key with this id. Holding the lock while fetching is what makes it single-flight.
    ///
    /// # Errors
    ///
    /// [`Rejection::UnknownKey`]; [`Rejection::KeysUnavailable`] when there is no set young enough.
    pub async fn find(&self, kid: &str) -> Result<(DecodingKey, Algorithm), Rejection> {
        let mut state = self.state.lock().await;
        let age = |at: Option<Instant>| at.map_or(Duration::MAX, |at| at.elapsed());
        let fresh = age(state.fetched) < FRESH;
        let known = state.keys.contains_key(kid);
        let since_try = age(state.tried);
        let due = if fresh && !known {
            since_try >= UNKNOWN_KID_EVERY
        } else {
            !fresh && since_try >= RETRY_EVERY
        };
        if due {
            state.tried = Some(Instant::now());
            match self.fetch().await {
                Ok(keys) => {
                    state.keys = Arc::new(keys);
                    state.fetched = Some(Instant::now());
                }
                Err(error) => tracing::warn!(error = %error, "signing keys could not be fetched"),
            }
        }
        if age(state.fetched) >= STALE_UNTIL {
            return Err(Rejection::KeysUnavailable);
        }
        state.keys.get(kid).cloned().ok_or(Rejection::UnknownKey)
    }

    async fn fetch(&self) -> Result<HashMap<String, (DecodingKey, Algorithm)>, FetchError> {
        let client = crate::tls::client_builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            .build()?;
        let mut response = client
            .get(self.url.clone())
            .send()
            .await?
            .error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let set: KeySet = serde_json::from_slice(&body)?;
        Ok(set.keys.into_iter().filter_map(usable).collect())
    }
}

/// A key we can verify with; one of an unknown kind must not cost us the others.
fn usable(key: serde_json::Value) -> Option<(String, (DecodingKey, Algorithm))> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    let kid = jwk.common.key_id.clone()?;
    Some((kid, (DecodingKey::from_jwk(&jwk).ok()?, algorithm)))
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("no answer")]
    Transport(#[from] reqwest::Error),
    #[error("the key set is larger than 64 KiB")]
    TooLarge,
    #[error("the key set is not JSON")]
    Json(#[from] serde_json::Error),
}
