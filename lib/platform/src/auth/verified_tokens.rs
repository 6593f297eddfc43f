//! Tokens whose signature was verified already.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;

use super::claims::Claims;
use super::rejection::Rejection;

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
mod tests {
    use super::super::claims::tests::claims;
    use super::*;

    #[test]
    fn a_signature_is_verified_once_and_only_a_good_one_is_remembered() {
        let verified = VerifiedTokens::default();
        let good = || Ok(serde_json::from_value::<Claims>(claims()).unwrap());
        let again = || -> Result<Claims, Rejection> { panic!("verified already") };
        for n in 0..REMEMBERED {
            assert!(verified.claims(&format!("token {n}"), good).is_ok());
        }
        let first = verified.claims("token 0", again).unwrap();
        assert_eq!(first.sub, verified.claims("token 1", again).unwrap().sub);
        let bad = || Err(Rejection::Signature);
        for _ in 0..2 {
            let forged = verified.claims("forged", bad);
            assert_eq!(forged.err(), Some(Rejection::Signature));
        }
        assert!(verified.claims("one more", good).is_ok());
        assert_eq!(verified.tokens().len(), 1, "memory is bounded");
    }
}
