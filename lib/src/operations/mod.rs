//! What operators look at: health, and the API's own description.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use vercel_runtime::ResponseBody;

use crate::clock;
use crate::db::Db;
use crate::http::{Raw, Reply};
use crate::pipeline::queue;
use crate::routes::openapi;
use crate::routes::operations::{Health, HealthStatus};

/// A step that is overdue for longer means that nothing dispatches.
const LATE_SECONDS: f64 = 180.0;

/// Asks the database once and judges by the work done. An outside service is never called.
pub async fn health(engine: &Db) -> Reply<Health> {
    let pipeline = queue::status(engine).await;
    let (oldest_due_seconds, last_dispatch_at) = pipeline
        .as_ref()
        .map_or((None, None), |p| (p.oldest_due_seconds, p.last_dispatch_at));
    let status = match &pipeline {
        Err(error) => {
            tracing::error!(error = %error, "the database does not answer");
            HealthStatus::Unhealthy
        }
        Ok(_) if oldest_due_seconds.is_some_and(|s| s > LATE_SECONDS) => HealthStatus::Degraded,
        Ok(_) => HealthStatus::Healthy,
    };
    let reply = Reply::ok(Health {
        status,
        timestamp: clock::now(),
        version: env!("CARGO_PKG_VERSION"),
        oldest_due_seconds,
        last_dispatch_at,
    });
    match status {
        HealthStatus::Unhealthy => reply.status(StatusCode::SERVICE_UNAVAILABLE),
        _ => reply,
    }
}

/// The OpenAPI document. It changes with deployments only, so it may be cached for a while.
#[must_use]
pub fn openapi() -> Reply<Raw> {
    let body = Bytes::from(openapi::document().to_string());
    let mut response = Response::new(ResponseBody::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Reply::raw(response)
}
