//! Access tokens that nobody asked the auth service for: good ones for users who are only rows, and hostile ones.

use std::{fs, path::Path};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Stack, stack::variable};

/// The stack's own keys.
pub(crate) struct TokenSigner {
    pub(crate) kid: String,
    /// The public half, as the key set has it.
    pub(crate) x: String,
    pub(crate) y: String,
    /// The legacy secret, which the functions do not have.
    pub(crate) jwt_secret: String,
    pub(crate) anon_key: String,
    pub(crate) service_role_key: String,
    key: EcdsaKeyPair,
    issuer: String,
}

impl TokenSigner {
    /// The signer of the stack that the environment names: its secrets lie beside its clock.
    pub(crate) fn of(stack: &Stack) -> Self {
        let path = Path::new(&variable("CLOCK_FILE")).with_file_name("secrets.json");
        let text = fs::read(&path).expect("the stack's secrets");
        let secrets: Value = serde_json::from_slice(&text).expect("the stack's secrets are JSON");
        let text = |pointer: &str| {
            let text = secrets.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("no {pointer}")).to_owned()
        };
        let pkcs8 = STANDARD.decode(text("/signing_keys/0/pkcs8"));
        Self {
            kid: text("/signing_keys/0/kid"),
            x: text("/signing_keys/0/x"),
            y: text("/signing_keys/0/y"),
            jwt_secret: text("/jwt_secret"),
            anon_key: text("/anon_key"),
            service_role_key: text("/service_role_key"),
            key: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &pkcs8.expect("base64"),
            )
            .expect("a P-256 key"),
            issuer: format!("{}/auth/v1", stack.supabase_url),
        }
    }

    /// The header of a good token.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid })
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self, user: Uuid) -> Value {
        let now = Timestamp::now().as_second();
        json!({
            "iss": self.issuer, "sub": user, "aud": "authenticated", "exp": now + 3600, "iat": now, "email": "", "phone": "",
            "app_metadata": {}, "user_metadata": {}, "role": "authenticated", "aal": "aal1", "amr": [], "session_id": user,
            "is_anonymous": false,
        })
    }

    /// A token of a user who is a row of `auth.users` and nothing else.
    pub(crate) fn token(&self, user: Uuid) -> String {
        self.sign(&self.header(), &self.claims(user))
    }

    /// Signs whatever it is given with the key in use.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(header.to_string(), claims.to_string())
    }

    /// The same of text that may be no JSON.
    pub(crate) fn sign_text(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        sign_with(&self.key, header, claims)
    }

    /// Signs with HMAC-SHA-256 under any secret.
    pub(crate) fn sign_shared(secret: &[u8], header: &Value, claims: &Value) -> String {
        let message = message(header.to_string(), claims.to_string());
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            message.as_bytes(),
        );
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }
}

/// `header.claims`, encoded.
pub(crate) fn message(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    )
}

/// A token under any P-256 key.
pub(crate) fn sign_with(
    key: &EcdsaKeyPair,
    header: impl AsRef<[u8]>,
    claims: impl AsRef<[u8]>,
) -> String {
    let message = message(header, claims);
    let signature = key.sign(&SystemRandom::new(), message.as_bytes());
    format!(
        "{message}.{}",
        URL_SAFE_NO_PAD.encode(signature.expect("randomness"))
    )
}
