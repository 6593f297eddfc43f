//! HTTP clients of the tool itself, and requests that have to succeed.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, header};
use serde_json::Value;

/// A client that follows no redirect and waits no longer than this for a response.
///
/// # Errors
///
/// When it cannot be made.
pub fn with_timeout(timeout: Duration) -> Result<Client> {
    build(clients::tls::client_builder().timeout(timeout))
}

/// The client of a builder.
///
/// # Errors
///
/// When it cannot be made.
pub fn build(builder: ClientBuilder) -> Result<Client> {
    let failed = |error| format!("no HTTP client: {error}");
    builder
        .build()
        .map_err(|error| Error::setup(failed(error), "this is a fault of the tool"))
}

/// Sends a request that has to succeed, and reads its JSON: null when it has none.
///
/// # Errors
///
/// When there is no response, or one that is no success.
pub async fn send(request: RequestBuilder) -> Result<Value> {
    let failed = |error: reqwest::Error| Error::setup(error.to_string(), "see the stack's logs");
    let response = request.send().await.map_err(failed)?;
    let (status, url) = (response.status(), response.url().clone());
    let text = response.text().await.map_err(failed)?;
    if status.is_success() {
        return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    Err(Error::setup(format!("{url} answered with {status}"), text))
}

/// The `Location` of a response.
pub fn location(response: &Response) -> Option<&str> {
    response.headers().get(header::LOCATION)?.to_str().ok()
}
