//! Access tokens: ES256, with exactly the claims of a hosted project.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{error::AuthError, sessions::Session, users::User};
use crate::secrets::Secrets;

/// How long an access token is valid.
pub(super) const LIFE_SECONDS: u64 = 3600;

/// What the stand-in reads of its own tokens.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Claims {
    pub(super) sub: Uuid,
    pub(super) session_id: Uuid,
}

/// The `iss` of every token.
pub(super) fn issuer(url: &str) -> String {
    format!("{url}/auth/v1")
}

/// The claims of a token that is signed now, for nobody.
fn claims(url: &str) -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    json!({
        "iss": issuer(url), "aud": "authenticated", "role": "authenticated", "sub": Uuid::new_v4(),
        "exp": now + LIFE_SECONDS, "iat": now, "email": "", "phone": "", "app_metadata": {}, "user_metadata": {},
        "aal": "aal1", "amr": [], "session_id": Uuid::new_v4(), "is_anonymous": false,
    })
}

/// A token with any claims at all, for tests of what a verifier must refuse. `null` takes a claim out.
pub(in crate::gateway) fn sign_with(
    secrets: &Secrets,
    url: &str,
    changes: &Map<String, Value>,
) -> Result<String, jsonwebtoken::errors::Error> {
    let mut claims = claims(url);
    for (name, value) in changes {
        match (value, claims.as_object_mut()) {
            (Value::Null, Some(claims)) => drop(claims.remove(name)),
            _ => claims[name] = value.clone(),
        }
    }
    encode(secrets, &claims)
}

fn encode(secrets: &Secrets, claims: &Value) -> Result<String, jsonwebtoken::errors::Error> {
    let key = &secrets.signing_keys[0];
    let pkcs8 = STANDARD.decode(&key.pkcs8).unwrap_or_default();
    let header = Header {
        kid: Some(key.kid.clone()),
        ..Header::new(Algorithm::ES256)
    };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&pkcs8))
}

/// Signs a token, and says when it ends.
pub(super) fn sign(
    secrets: &Secrets,
    url: &str,
    user: &User,
    session: &Session,
) -> Result<(String, u64), AuthError> {
    let failed = |_| AuthError::new(500, "unexpected_failure", "the signing key cannot be used");
    let mut claims = claims(url);
    claims["sub"] = json!(user.id);
    claims["email"] = json!(user.email);
    claims["app_metadata"] = json!(user.app_metadata);
    claims["user_metadata"] = json!(user.user_metadata);
    claims["amr"] = json!([{ "method": session.method, "timestamp": session.created_at }]);
    claims["session_id"] = json!(session.id);
    let token = encode(secrets, &claims).map_err(failed)?;
    Ok((token, claims["exp"].as_u64().unwrap_or_default()))
}

/// Reads a token of this stack.
pub(super) fn verify(secrets: &Secrets, token: &str) -> Result<Claims, AuthError> {
    let refused = |reason: &str| {
        AuthError::new(
            403,
            "bad_jwt",
            &format!("invalid JWT: unable to parse or verify signature, {reason}"),
        )
    };
    let header = jsonwebtoken::decode_header(token).map_err(|error| refused(&error.to_string()))?;
    let key = secrets
        .signing_keys
        .iter()
        .find(|key| Some(&key.kid) == header.kid.as_ref())
        .ok_or_else(|| refused("unrecognized JWT kid"))?;
    let key = DecodingKey::from_ec_components(&key.x, &key.y)
        .map_err(|error| refused(&error.to_string()))?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&["authenticated"]);
    let claims: Value = jsonwebtoken::decode(token, &key, &validation)
        .map_err(|error| refused(&error.to_string()))?
        .claims;
    serde_json::from_value(claims).map_err(|error| refused(&error.to_string()))
}
