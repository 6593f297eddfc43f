//! `/auth/v1`: a small stand-in of Supabase Auth that `@supabase/supabase-js` cannot tell from the real one in what it
//! does: sign up, sign in, refresh with rotation, user, sign out, recovery by mail, and the admin calls.

mod account;
mod admin;
mod error;
mod mailed_links;
mod metadata;
mod one_time_tokens;
mod request;
mod session_body;
mod sessions;
mod sign_in;
pub(super) mod token;
mod users;
mod validation;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::state::Gateway;

/// The routes below `/auth/v1`.
pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/signup", post(sign_in::sign_up))
        .route("/token", post(sign_in::grant))
        .route("/logout", post(sign_in::sign_out))
        .route("/user", get(account::read).put(account::update))
        .route("/recover", post(mailed_links::recover))
        .route("/otp", post(mailed_links::one_time))
        .route("/magiclink", post(mailed_links::one_time))
        .route(
            "/verify",
            get(mailed_links::verify_link).post(mailed_links::verify),
        )
        .route("/admin/users", get(admin::list).post(admin::create))
        .route(
            "/admin/users/{id}",
            get(admin::read).put(admin::update).delete(admin::delete),
        )
        .route("/settings", get(metadata::settings))
        .route("/health", get(metadata::health))
        .route("/.well-known/jwks.json", get(metadata::jwks))
        .route(
            "/.well-known/openid-configuration",
            get(metadata::discovery),
        )
}
