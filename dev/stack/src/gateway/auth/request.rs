//! What every call of Auth reads of its request.

use std::sync::Arc;

use axum::{body::Bytes, extract::FromRequestParts, response::Response};
use http::{HeaderMap, header, request::Parts};
use serde::de::DeserializeOwned;

use super::error::AuthError;
use crate::gateway::{
    api_key::{self, Key, Unauthorized},
    state::Gateway,
};

/// What a call answers.
pub(super) type Answer = Result<Response, AuthError>;

/// A JSON body, whatever its content type says, as Auth reads it.
pub(super) fn read_json<T: DeserializeOwned>(body: &Bytes) -> Result<T, AuthError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        AuthError::bad_json(&format!("Could not parse request body as JSON: {error}"))
    })
}

/// Every call but the public ones needs an API key.
pub(super) struct ApiKey {
    pub(super) key: Key,
    pub(super) token: Option<String>,
}

impl ApiKey {
    /// The admin calls want the secret key.
    pub(super) fn is_admin(&self) -> Result<(), AuthError> {
        if self.key == Key::Secret && self.token.is_none() {
            return Ok(());
        }
        Err(AuthError::new(403, "not_admin", "User not allowed"))
    }
}

impl FromRequestParts<Arc<Gateway>> for ApiKey {
    type Rejection = Unauthorized;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Self::Rejection> {
        let shown = api_key::check(&gateway.secrets(), &parts.headers, parts.uri.query())?;
        Ok(Self {
            key: shown.key,
            token: shown.token,
        })
    }
}

/// The caller's `User-Agent`.
pub(super) fn user_agent(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
}
