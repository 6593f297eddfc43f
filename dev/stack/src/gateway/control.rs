//! `/_control`: what tests may do to the world. Only a local stack has it.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use catalyst_cli::error::Error;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::Gateway;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/clock", get(read_clock).post(advance_clock))
        .route("/auth/rotate", post(rotate))
        .route("/auth/revoke", post(revoke))
        .route("/auth/token", post(token))
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
async fn token(
    State(gateway): State<Arc<Gateway>>,
    Json(changes): Json<serde_json::Map<String, serde_json::Value>>,
) -> Response {
    match super::auth::token::sign_with(&gateway.secrets(), &gateway.url, &changes) {
        Ok(token) => Json(json!({ "access_token": token })).into_response(),
        Err(error) => (
            StatusCode::BAD_REQUEST,
            Json(json!({ "message": error.to_string() })),
        )
            .into_response(),
    }
}

fn failed(error: &Error) -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Json(json!({ "message": error.to_string() })),
    )
        .into_response()
}
