//! The local gateway, in the place of a Supabase project: Data API, Auth, Storage, mails, and the controls of tests.

mod api_key;
mod auth;
mod control;
mod key_set;
mod rest;
mod state;
mod storage;

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::DefaultBodyLimit, routing::any, routing::get};
use http::{HeaderName, Method, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

pub use state::Gateway;

/// The headers that a page's scripts may read.
const EXPOSED: [&str; 9] = [
    "content-encoding",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "location",
    "range-unit",
    "x-total-count",
    "x-supabase-api-version",
];

/// Serves for as long as it is polled.
pub async fn serve(gateway: Arc<Gateway>, listener: TcpListener) {
    if let Err(error) = data_api::serve(listener, router(gateway)).await {
        tracing::error!(%error, "the gateway stopped");
    }
}

fn router(gateway: Arc<Gateway>) -> Router {
    let index = Json(json!({
        "what": "the local stand-in of a Supabase project",
        "data_api": "/rest/v1", "auth": "/auth/v1", "storage": "/storage/v1", "mails": "/inbox", "clock": "/_control/clock",
    }));
    let nothing = Json(json!({ "message": "no Route matched with those values" }));
    Router::new()
        .route("/", get(index))
        .route("/rest/v1", any(rest::handle))
        .route("/rest/v1/", any(rest::handle))
        .route("/rest/v1/{*path}", any(rest::handle))
        .nest("/auth/v1", auth::router())
        .nest("/storage/v1", storage::router())
        .route(
            "/.well-known/oauth-authorization-server/auth/v1",
            get(auth::metadata),
        )
        .merge(control::router())
        .fallback((StatusCode::NOT_FOUND, nothing))
        .layer(DefaultBodyLimit::max(data_api::MAX_BODY))
        .layer(cors())
        .with_state(gateway)
}

/// Any origin may call, as on hosted projects: what guards the data is the token.
fn cors() -> CorsLayer {
    use Method as M;
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            M::GET,
            M::HEAD,
            M::PUT,
            M::PATCH,
            M::POST,
            M::DELETE,
            M::OPTIONS,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED.map(HeaderName::from_static))
        .max_age(Duration::from_secs(3600))
}
