//! Calls of the services.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use url::Url;

/// A client that follows no redirect.
pub(super) fn client() -> reqwest::Result<Client> {
    clients::tls::client_builder()
        .timeout(Duration::from_secs(15))
        // RevID's front door refuses callers that do not say who they are.
        .user_agent(concat!("catalyst-doctor/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// An address that paths are added to.
pub(super) fn base(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Status and JSON body of a call; null where the body is not JSON.
pub(super) async fn send(request: RequestBuilder) -> reqwest::Result<(u16, Value)> {
    // The address stands in the finding already, and it may hold what should not be printed.
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}
