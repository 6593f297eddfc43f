//! What the Data API takes for signed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use catalyst_cli::error::{Error, Result};
use postrust_auth::KeySet;
use serde_json::{Value, json};

use crate::secrets::{Secrets, SigningKey};

/// The keys that a request may be signed with: those of access tokens, and the legacy secret of the key of `service_role`.
///
/// # Errors
///
/// When a key cannot be read.
pub(super) fn key_set(secrets: &Secrets) -> Result<KeySet> {
    let mut keys: Vec<Value> = secrets.signing_keys.iter().map(SigningKey::jwk).collect();
    let legacy = URL_SAFE_NO_PAD.encode(&secrets.jwt_secret);
    keys.push(json!({ "kty": "oct", "alg": "HS256", "k": legacy }));
    KeySet::from_jwk_json(&json!({ "keys": keys }).to_string()).map_err(|error| {
        let problem = format!("the stack's keys cannot be used: {error}");
        Error::setup(problem, "`catalyst-dev reset` makes new secrets and data")
    })
}
