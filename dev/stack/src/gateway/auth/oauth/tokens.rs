//! Codes and refresh tokens, traded for access tokens that name their program.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes, extract::State};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{sessions, users};
use super::programs::Program;
use crate::gateway::{api_key::text, state::Gateway};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Trade {
    grant_type: String,
    code: String,
    refresh_token: String,
    redirect_uri: String,
    client_id: String,
    client_secret: String,
    code_verifier: String,
}

/// An error as OAuth has it (RFC 6749, 5.2).
struct Refused(&'static str, &'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0 {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({ "error": self.0, "error_description": self.1 });
        (status, Json(body)).into_response()
    }
}

/// `POST /oauth/token`, as a form or in JSON.
pub(super) async fn grant(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    trade(&gateway, &headers, &body)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn trade(gateway: &Gateway, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refused> {
    let is_json = text(headers, "content-type").is_some_and(|kind| kind.contains("json"));
    let trade: Option<Trade> = if is_json {
        serde_json::from_slice(body).ok()
    } else {
        serde_urlencoded::from_bytes(body).ok()
    };
    let trade = trade.ok_or(Refused("invalid_request", "Failed to parse the body"))?;
    let program = authenticated(gateway, headers, &trade)?;
    let failed = |_| Refused("server_error", "Unexpected failure");
    let grant = match trade.grant_type.as_str() {
        "authorization_code" => {
            let user = user_of_code(gateway, &trade, &program)?;
            let user = users::find(&gateway.users, user).await.ok().flatten();
            let user = user.ok_or(Refused(
                "invalid_grant",
                "User not found for authorization code",
            ))?;
            let session = sessions::begin_for(&gateway.users, user.id, program.id).await;
            (user, session.map_err(failed)?)
        }
        "refresh_token" => {
            sessions::refresh(&gateway.users, &trade.refresh_token, Some(program.id))
                .await
                .map_err(|_| Refused("invalid_grant", "Invalid Refresh Token"))?
        }
        _ => return Err(Refused("unsupported_grant_type", "Unsupported grant type")),
    };
    let Json(mut tokens) = sessions::body(gateway, &grant.0, &grant.1).map_err(failed)?;
    if let Some(tokens) = tokens.as_object_mut() {
        tokens.retain(|name, _| name != "user" && name != "expires_at");
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json::<Value>(tokens)).into_response())
}

/// The program that asks, by its secret if it has one.
fn authenticated(
    gateway: &Gateway,
    headers: &HeaderMap,
    trade: &Trade,
) -> Result<Program, Refused> {
    let basic = text(headers, "authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| String::from_utf8(STANDARD.decode(value).ok()?).ok());
    let (id, secret) = match basic.as_deref().and_then(|pair| pair.split_once(':')) {
        Some(pair) => pair,
        None => (trade.client_id.as_str(), trade.client_secret.as_str()),
    };
    let programs = gateway.programs();
    let program = id.parse::<Uuid>().ok();
    let program = program.and_then(|id| programs.registered.get(&id));
    let program = program.ok_or(Refused("invalid_client", "Client authentication required"))?;
    match &program.secret {
        Some(known) if known != secret => {
            Err(Refused("invalid_client", "Invalid client credentials"))
        }
        _ => Ok(program.clone()),
    }
}

/// Who has consented, when the code, the address and the verifier are those of the request. Whatever is wrong, the code is
/// used up.
fn user_of_code(gateway: &Gateway, trade: &Trade, program: &Program) -> Result<Uuid, Refused> {
    let invalid = |why| Refused("invalid_grant", why);
    let asked = gateway.programs().take(&trade.code);
    let asked = asked.ok_or(invalid("Invalid authorization code"))?;
    if asked.program != program.id {
        return Err(invalid("Authorization code was not issued for this client"));
    }
    if !trade.redirect_uri.is_empty() && trade.redirect_uri != asked.redirect_uri {
        return Err(invalid("Invalid redirect_uri"));
    }
    let shown = if asked.is_plain {
        trade.code_verifier.clone()
    } else {
        URL_SAFE_NO_PAD.encode(digest::digest(
            &digest::SHA256,
            trade.code_verifier.as_bytes(),
        ))
    };
    if shown != asked.challenge {
        return Err(invalid("PKCE verification failed"));
    }
    asked
        .user
        .ok_or(invalid("Authorization code has no associated user"))
}
