//! The OAuth 2.1 server of Auth: programs register themselves, a user consents on a page of the front end, and the program
//! trades its code, with PKCE, for tokens that name it as `client_id`.

mod consent;
mod programs;
mod register;
mod tokens;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Json, Router, extract::State};
use serde_json::{Value, json};

use super::token::issuer;
use crate::gateway::state::Gateway;

pub(in crate::gateway) use programs::Programs;

/// The routes below `/auth/v1`.
pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/oauth/clients/register", post(register::register))
        .route("/oauth/authorize", get(consent::authorize))
        .route("/oauth/authorizations/{id}", get(consent::details))
        .route("/oauth/authorizations/{id}/consent", post(consent::decide))
        .route("/oauth/token", post(tokens::grant))
        .route(
            "/user/oauth/grants",
            get(consent::grants).delete(consent::revoke),
        )
}

/// What the server can do (RFC 8414).
pub(in crate::gateway) async fn metadata(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let issuer = issuer(&gateway.url);
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "registration_endpoint": format!("{issuer}/oauth/clients/register"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "scopes_supported": ["openid", "profile", "email", "phone"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}
