//! `/auth/v1`: a small stand-in of Supabase Auth that `@supabase/supabase-js` cannot tell from the real one in what it
//! does: sign up, sign in, refresh with rotation, user, sign out, recovery by mail, the admin calls, and the OAuth 2.1 server
//! that gives programs tokens of users.

mod account;
mod admin;
mod mailed_links;
mod oauth;
mod request;
mod sessions;
pub(super) mod token;
mod users;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Json, Router, extract::State, response::IntoResponse};
use http::header;
use serde_json::{Value, json};

use super::{api_key::Caller, state::Gateway};
use crate::secrets::SigningKey;
pub(super) use oauth::{Programs, metadata};

/// The routes below `/auth/v1`.
pub(super) fn router() -> Router<Arc<Gateway>> {
    use mailed_links::{one_time, recover, verify, verify_link};
    Router::new()
        .route("/signup", post(account::sign_up))
        .route("/token", post(account::grant))
        .route("/logout", post(account::sign_out))
        .route("/user", get(account::read).put(account::update))
        .route("/recover", post(recover))
        .route("/otp", post(one_time))
        .route("/magiclink", post(one_time))
        .route("/verify", get(verify_link).post(verify))
        .route("/admin/users", get(admin::list).post(admin::create))
        .route(
            "/admin/users/{id}",
            get(admin::read).put(admin::update).delete(admin::delete),
        )
        .route("/settings", get(settings))
        .route("/health", get(health))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .merge(oauth::router())
}

async fn health() -> Json<Value> {
    Json(
        json!({ "name": "GoTrue", "version": "local", "description": "stand-in of Supabase Auth" }),
    )
}

async fn settings(_caller: Caller) -> Json<Value> {
    Json(json!({
        "external": { "email": true, "phone": false, "anonymous_users": false },
        "disable_signup": false, "mailer_autoconfirm": true, "phone_autoconfirm": false, "saml_enabled": false,
    }))
}

/// The public keys: in use, standing by, and retired ones.
async fn jwks(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let keys = gateway.published_keys();
    let keys: Vec<_> = keys.iter().map(SigningKey::jwk).collect();
    let cached = [(header::CACHE_CONTROL, "public, max-age=600")];
    (cached, Json(json!({ "keys": keys })))
}
