//! What happened in the last 24 hours, from rollups.

mod openmetrics;
mod response_time;
mod view;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, VARY};
use http::{HeaderValue, Response};
use serde_json::json;
use vercel_runtime::ResponseBody;

use platform::db::{Db, DbError};
use platform::endpoint::Reply;

pub use response_time::{Bucket, ResponseTime};
pub use view::*;

/// Media type of the text for scrapers.
pub const OPENMETRICS: &str = "application/openmetrics-text";

/// Reads everything in one call.
///
/// # Errors
///
/// [`DbError`].
pub async fn metrics(engine: &Db) -> Result<Metrics, DbError> {
    engine.call("admin_metrics", &json!({})).await
}

/// JSON, or OpenMetrics text for who asks for it.
#[must_use]
pub fn reply(metrics: Metrics, accept: Option<&str>) -> Reply<Metrics> {
    if !accept.is_some_and(|accept| accept.contains(OPENMETRICS)) {
        return Reply::ok(metrics).header(VARY, "accept");
    }
    let mut response = Response::new(ResponseBody::from(Bytes::from(openmetrics::text(&metrics))));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8"),
    );
    headers.insert(VARY, HeaderValue::from_static("accept"));
    Reply::raw(response)
}
