//! `/_control` and `/inbox`: what tests may move, and the mails that they read. Only a local stack has them.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use catalyst_cli::error::Error;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{auth::token, state::Gateway};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/_control/clock", get(read_clock).post(advance_clock))
        .route("/_control/auth/rotate", post(rotate))
        .route("/_control/auth/revoke", post(revoke))
        .route("/_control/auth/token", post(sign_token))
        .route("/inbox", get(read_inbox).delete(clear_inbox))
}

/// The product's time.
async fn read_clock(State(gateway): State<Arc<Gateway>>) -> Json<serde_json::Value> {
    Json(
        json!({ "now": gateway.clock.now().to_string(), "advanced_seconds": gateway.clock.advanced() }),
    )
}

/// Moves the product's time forward, everywhere at once.
async fn advance_clock(State(gateway): State<Arc<Gateway>>, Json(by): Json<Advance>) -> Response {
    match gateway.clock.advance(by.advance_seconds).await {
        Ok(()) => read_clock(State(gateway)).await.into_response(),
        Err(error) => failed(&error),
    }
}

async fn rotate(State(gateway): State<Arc<Gateway>>) -> Response {
    match gateway.rotate_keys() {
        Ok(kid) => Json(json!({ "kid": kid })).into_response(),
        Err(error) => failed(&error),
    }
}

async fn revoke(State(gateway): State<Arc<Gateway>>) -> Response {
    match gateway.revoke_retired_keys() {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

/// A rightly signed token with whatever claims a test asks for.
async fn sign_token(
    State(gateway): State<Arc<Gateway>>,
    Json(changes): Json<serde_json::Map<String, serde_json::Value>>,
) -> Response {
    match token::sign_with(&gateway.secrets(), &gateway.url, &changes) {
        Ok(token) => Json(json!({ "access_token": token })).into_response(),
        Err(error) => (
            StatusCode::BAD_REQUEST,
            Json(json!({ "message": error.to_string() })),
        )
            .into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct Filter {
    to: Option<String>,
}

async fn read_inbox(
    State(gateway): State<Arc<Gateway>>,
    Query(filter): Query<Filter>,
) -> impl IntoResponse {
    Json(gateway.inbox.read(filter.to.as_deref()))
}

async fn clear_inbox(State(gateway): State<Arc<Gateway>>) {
    gateway.inbox.clear();
}

fn failed(error: &Error) -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Json(json!({ "message": error.to_string() })),
    )
        .into_response()
}
