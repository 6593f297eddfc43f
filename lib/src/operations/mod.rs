//! What operators look at: health, metrics, dead letters, and the API's own description.

pub mod failures;
pub mod health;
pub mod metrics;
mod openmetrics;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use vercel_runtime::ResponseBody;

use crate::config::Config;
use crate::http::{Raw, Reply};
use crate::routes::openapi;
use crate::routes::operations::PublicConfig;

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

/// What a front end needs to sign people in. It changes with deployments only.
#[must_use]
pub fn public_config(config: &Config) -> Reply<PublicConfig> {
    Reply::ok(PublicConfig {
        supabase_url: config
            .supabase
            .url
            .as_str()
            .trim_end_matches('/')
            .to_owned(),
        supabase_publishable_key: config.supabase.publishable_key.clone(),
        version: env!("CARGO_PKG_VERSION"),
    })
    .header(CACHE_CONTROL, "public, max-age=300")
}
