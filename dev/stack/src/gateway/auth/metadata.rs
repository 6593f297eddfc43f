//! What Auth says of itself: its settings, its health and its public keys.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::{Value, json};

use super::{request::ApiKey, token};
use crate::{gateway::state::Gateway, signing_key::SigningKey};

pub(super) async fn health() -> Json<Value> {
    Json(
        json!({ "name": "GoTrue", "version": "local", "description": "stand-in of Supabase Auth" }),
    )
}

pub(super) async fn settings(_key: ApiKey) -> Json<Value> {
    Json(json!({
        "external": { "email": true, "phone": false, "anonymous_users": false },
        "disable_signup": false, "mailer_autoconfirm": true, "phone_autoconfirm": false, "saml_enabled": false,
    }))
}

/// The public keys: in use, standing by, and retired ones.
pub(super) async fn jwks(State(gateway): State<Arc<Gateway>>) -> Response {
    let keys: Vec<_> = gateway
        .secrets()
        .signing_keys
        .iter()
        .map(SigningKey::jwk)
        .collect();
    (
        [(header::CACHE_CONTROL, "public, max-age=600")],
        Json(json!({ "keys": keys })),
    )
        .into_response()
}

pub(super) async fn discovery(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let issuer = token::issuer(&gateway.url);
    Json(json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/.well-known/jwks.json") }))
}
