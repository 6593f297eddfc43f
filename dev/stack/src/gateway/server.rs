//! The gateway's routes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    routing::{any, get},
};
use catalyst_cli::error::{Error, Result};
use http::{HeaderName, Method, StatusCode};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use super::{auth, control, data_api, state::Gateway};

/// Serves for as long as it is polled.
pub async fn serve(gateway: Arc<Gateway>, listener: TcpListener) {
    let listener = postrust_server::lenient_uri::LenientListener(listener);
    if let Err(error) = axum::serve(listener, router(gateway)).await {
        tracing::error!(%error, "the gateway stopped");
    }
}

fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/rest/v1", any(data_api::handle))
        .route("/rest/v1/", any(data_api::handle))
        .route("/rest/v1/{*path}", any(data_api::handle))
        .nest("/auth/v1", auth::router())
        .merge(control::router())
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                Json(json!({ "message": "no Route matched with those values" })),
            )
        })
        .layer(DefaultBodyLimit::max(data_api::MAX_BODY))
        .layer(cors())
        .with_state(gateway)
}

async fn index() -> Json<serde_json::Value> {
    Json(json!({
        "what": "the local stand-in of a Supabase project",
        "data_api": "/rest/v1", "auth": "/auth/v1", "mails": "/inbox", "clock": "/_control/clock",
    }))
}

/// Any origin may call, as on hosted projects: what guards the data is the token.
fn cors() -> CorsLayer {
    let exposed = [
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
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::POST,
            Method::DELETE,
            Method::OPTIONS,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(Duration::from_secs(3600))
}

/// Waits until the gateway answers at `url`.
///
/// # Errors
///
/// When it does not within ten seconds.
pub async fn wait_until_up(url: &str) -> Result {
    let deadline = Instant::now() + Duration::from_secs(10);
    let address = url.trim_start_matches("http://");
    while TcpStream::connect(address).await.is_err() {
        if Instant::now() > deadline {
            return Err(Error::setup(
                format!("nothing answers at {url}"),
                "see the messages above",
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
