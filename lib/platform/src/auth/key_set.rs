//! A project's signing keys as they were published at one time, and the tokens that they have verified.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{collections::HashMap, time::Duration};

use aws_lc_rs::digest;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio::time::Instant;

use super::claims::{Claims, Rejection};

/// Keys by their id, and what each signs with.
pub(super) type Keys = HashMap<String, (DecodingKey, Algorithm)>;

#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Keys,
    fetched: Option<Instant>,
    verified: Arc<VerifiedTokens>,
}

/// A key, and the tokens that were found to be signed by a key of its set.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) key: DecodingKey,
    /// What it signs with.
    pub(super) algorithm: Algorithm,
    pub(super) verified: Arc<VerifiedTokens>,
}

impl KeySet {
    /// Keys that were fetched just now.
    pub(super) fn new(keys: Keys) -> Self {
        Self {
            keys,
            fetched: Some(Instant::now()),
            verified: Arc::default(),
        }
    }

    pub(super) fn contains(&self, kid: &str) -> bool {
        self.keys.contains_key(kid)
    }

    pub(super) fn trusted(&self, kid: &str) -> Option<Trusted> {
        self.keys.get(kid).map(|(key, algorithm)| Trusted {
            key: key.clone(),
            algorithm: *algorithm,
            verified: Arc::clone(&self.verified),
        })
    }

    /// How long ago it was fetched.
    pub(super) fn age(&self) -> Duration {
        self.fetched.map_or(Duration::MAX, |at| at.elapsed())
    }
}

/// What the service publishes.
#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

/// Reads what the service publishes.
pub(super) fn parse(body: &[u8]) -> Result<Keys, serde_json::Error> {
    let published: Published = serde_json::from_slice(body)?;
    Ok(published.keys.into_iter().filter_map(usable).collect())
}

/// A key we can verify with; one of an unknown kind must not cost us the others.
fn usable(key: serde_json::Value) -> Option<(String, (DecodingKey, Algorithm))> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    if !matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    ) {
        return None;
    }
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

/// Tokens that are remembered.
const REMEMBERED: usize = 1_024;

/// What tokens say whose signature was verified, by the token's SHA-256: a signature costs more than all the rest of a
/// request. Belongs to one key set and goes with it, so that nothing is taken from here that a key signed which is no longer
/// published. What the claims mean today is checked every time.
#[derive(Debug, Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<[u8; 32], Arc<Claims>>>);

impl VerifiedTokens {
    /// The claims of a token, which `decode` verifies when that was not done before.
    pub(super) fn claims(
        &self,
        token: &str,
        decode: impl FnOnce() -> Result<Claims, Rejection>,
    ) -> Result<Arc<Claims>, Rejection> {
        let mut name = [0; 32];
        name.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if let Some(claims) = self.tokens().get(&name) {
            return Ok(Arc::clone(claims));
        }
        let mut claims = decode()?;
        claims.trim();
        let claims = Arc::new(claims);
        let mut tokens = self.tokens();
        if tokens.len() >= REMEMBERED {
            tokens.clear();
        }
        tokens.insert(name, Arc::clone(&claims));
        Ok(claims)
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<Claims>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
