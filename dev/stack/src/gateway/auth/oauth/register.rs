//! Dynamic registration (RFC 7591): any program may register, under any name.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State, response::IntoResponse};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::super::request::{AuthError, read_json};
use super::programs::Program;
use crate::gateway::state::Gateway;
use crate::secrets::random_token;

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_name: String,
    #[serde(default)]
    client_uri: String,
    token_endpoint_auth_method: Option<String>,
}

/// `POST /oauth/clients/register`.
pub(super) async fn register(
    State(gateway): State<Arc<Gateway>>,
    body: Bytes,
) -> Result<impl IntoResponse, AuthError> {
    let asked: Registration = read_json(&body)?;
    if asked.redirect_uris.is_empty() || asked.redirect_uris.len() > 10 {
        return Err(AuthError::invalid("redirect_uris is required"));
    }
    if let Some(uri) = asked.redirect_uris.iter().find(|uri| !may_redirect(uri)) {
        return Err(AuthError::invalid(&format!("invalid redirect_uri '{uri}'")));
    }
    let method = asked.token_endpoint_auth_method.as_deref();
    let method = method.unwrap_or("client_secret_basic");
    let secret = match method {
        "none" => None,
        _ => Some(random_token(43)?),
    };
    let program = Program {
        id: Uuid::new_v4(),
        name: asked.client_name,
        uri: asked.client_uri,
        redirect_uris: asked.redirect_uris,
        secret,
    };
    let mut answer = json!({
        "client_id": program.id,
        "client_type": if program.secret.is_none() { "public" } else { "confidential" },
        "client_name": program.name,
        "redirect_uris": program.redirect_uris,
        "token_endpoint_auth_method": method,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "registration_type": "dynamic",
    });
    if let Some(secret) = &program.secret {
        answer["client_secret"] = json!(secret);
    }
    gateway.programs().registered.insert(program.id, program);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Codes go over https, to the user's own machine, or to the one editor that hosted projects know.
fn may_redirect(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        let is_safe = match url.scheme() {
            "https" => url.host_str().is_some(),
            "http" => is_here,
            "cursor" => url.host_str() == Some("anysphere.cursor-mcp"),
            _ => false,
        };
        is_safe && url.fragment().is_none()
    })
}
