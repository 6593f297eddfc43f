//! The keys that access tokens are signed with.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use catalyst_cli::error::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An ES256 key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    /// PKCS#8, base64.
    pub(crate) pkcs8: String,
    /// The first coordinate of the public point, base64url.
    pub(crate) x: String,
    /// The second coordinate.
    pub(crate) y: String,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self> {
        let failed = |_| {
            Error::setup(
                "cannot make a signing key",
                "the system's source of randomness must work",
            )
        };
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(failed)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())
            .map_err(|_| failed(aws_lc_rs::error::Unspecified))?;
        // 0x04, then both coordinates of 32 bytes.
        let point = pair.public_key().as_ref();
        Ok(Self {
            kid: Uuid::new_v4().to_string(),
            pkcs8: STANDARD.encode(document.as_ref()),
            x: URL_SAFE_NO_PAD.encode(&point[1..33]),
            y: URL_SAFE_NO_PAD.encode(&point[33..65]),
        })
    }

    /// The public half as a JSON Web Key.
    pub(crate) fn jwk(&self) -> serde_json::Value {
        serde_json::json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": true,
            "kid": self.kid, "x": self.x, "y": self.y,
        })
    }
}
