//! The encryption keys that this process was given.

use std::sync::OnceLock;

use crate::config::Config;
use crate::sealing::{KeyRing, SecretError};

/// The key ring of this process; none when the operator set no keys.
pub fn ring(config: &'static Config) -> Option<&'static Result<KeyRing, SecretError>> {
    static RING: OnceLock<Option<Result<KeyRing, SecretError>>> = OnceLock::new();
    RING.get_or_init(|| config.token_encryption_keys.as_ref().map(KeyRing::parse))
        .as_ref()
}
