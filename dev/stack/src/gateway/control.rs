//! `/_control` and `/inbox`: what tests may move, and the mails that they read. Only a local stack has them.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use catalyst_cli::error::Error;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{auth::token, state::Gateway};

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/_control/clock", get(read_clock).post(advance_clock))
        .route("/_control/auth/rotate", post(rotate))
        .route("/_control/auth/revoke", post(revoke))
        .route("/_control/auth/published", post(publish))
        .route("/_control/auth/token", post(sign_token))
        .route("/inbox", get(read_inbox).delete(clear_inbox))
}

/// What a control could not do.
struct Failed(StatusCode, String);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "message": self.1 }))).into_response()
    }
}

/// The product's time.
async fn read_clock(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let (now, advanced) = (gateway.clock.now().to_string(), gateway.clock.advanced());
    Json(json!({ "now": now, "advanced_seconds": advanced }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

/// Moves the product's time forward, everywhere at once.
async fn advance_clock(
    State(gateway): State<Arc<Gateway>>,
    Json(by): Json<Advance>,
) -> Result<Json<Value>, Failed> {
    gateway.clock.advance(by.advance_seconds).await?;
    Ok(read_clock(State(gateway)).await)
}

async fn rotate(State(gateway): State<Arc<Gateway>>) -> Result<Json<Value>, Failed> {
    Ok(Json(json!({ "kid": gateway.rotate_keys()? })))
}

async fn revoke(State(gateway): State<Arc<Gateway>>) -> Result<StatusCode, Failed> {
    gateway.revoke_retired_keys()?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    lag: bool,
}

/// Lets the published keys lag behind those in use, as the cache at a project's edge does for ten minutes.
async fn publish(
    State(gateway): State<Arc<Gateway>>,
    Json(published): Json<Published>,
) -> StatusCode {
    gateway.let_published_keys_lag(published.lag);
    StatusCode::NO_CONTENT
}

/// A rightly signed token with whatever claims a test asks for.
async fn sign_token(
    State(gateway): State<Arc<Gateway>>,
    Json(changes): Json<Map<String, Value>>,
) -> Result<Json<Value>, Failed> {
    let token = token::sign(&gateway.secrets(), &gateway.url, changes)
        .map_err(|error| Failed(StatusCode::BAD_REQUEST, error.to_string()))?;
    Ok(Json(json!({ "access_token": token })))
}

#[derive(Debug, Deserialize)]
struct Filter {
    to: Option<String>,
}

async fn read_inbox(
    State(gateway): State<Arc<Gateway>>,
    Query(Filter { to }): Query<Filter>,
) -> impl IntoResponse {
    let mut mails = gateway.inbox().clone();
    mails.retain(|mail| {
        to.as_ref()
            .is_none_or(|to| mail.to.eq_ignore_ascii_case(to))
    });
    Json(mails)
}

async fn clear_inbox(State(gateway): State<Arc<Gateway>>) {
    gateway.inbox().clear();
}
