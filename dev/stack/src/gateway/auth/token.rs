//! Access tokens: ES256, with exactly the claims of a hosted project.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::Error};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::request::AuthError;
use crate::secrets::Secrets;

/// How long an access token is valid.
pub(super) const LIFE_SECONDS: i64 = 3600;

/// What the stand-in reads of its own tokens.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: Uuid,
    pub(super) session_id: Uuid,
}

/// The `iss` of every token.
pub(super) fn issuer(url: &str) -> String {
    format!("{url}/auth/v1")
}

/// A token with these claims in the place of those that nobody's token has, as a session's or as a test asks for. `null`
/// takes a claim out.
pub(in crate::gateway) fn sign(
    secrets: &Secrets,
    url: &str,
    changes: Map<String, Value>,
) -> Result<String, Error> {
    let now = Timestamp::now().as_second();
    let mut claims = json!({
        "iss": issuer(url), "aud": "authenticated", "role": "authenticated", "sub": Uuid::new_v4(),
        "exp": now + LIFE_SECONDS, "iat": now, "email": "", "phone": "", "app_metadata": {}, "user_metadata": {},
        "aal": "aal1", "amr": [], "session_id": Uuid::new_v4(), "is_anonymous": false,
    });
    if let Some(claims) = claims.as_object_mut() {
        claims.extend(changes);
        claims.retain(|_, value| !value.is_null());
    }
    let key = &secrets.signing_keys[0];
    let pkcs8 = STANDARD.decode(&key.pkcs8).unwrap_or_default();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key.kid.clone());
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&pkcs8))
}

/// All claims of a token of this stack; none when it is not one, or no longer.
pub(in crate::gateway) fn claims(secrets: &Secrets, token: &str) -> Option<Value> {
    read(secrets, token).ok()
}

/// Reads a token of this stack.
pub(super) fn verify(secrets: &Secrets, token: &str) -> Result<Claims, AuthError> {
    read(secrets, token).map_err(|reason| {
        let refusal = "invalid JWT: unable to parse or verify signature";
        AuthError::new(403, "bad_jwt", format!("{refusal}, {reason}"))
    })
}

fn read<T: DeserializeOwned>(
    secrets: &Secrets,
    token: &str,
) -> Result<T, Box<dyn std::error::Error>> {
    let kid = jsonwebtoken::decode_header(token)?.kid;
    let mut keys = secrets.signing_keys.iter();
    let key = keys.find(|key| Some(&key.kid) == kid.as_ref());
    let key = key.ok_or("unrecognized JWT kid")?;
    let key = DecodingKey::from_ec_components(&key.x, &key.y)?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&["authenticated"]);
    Ok(jsonwebtoken::decode(token, &key, &validation)?.claims)
}
