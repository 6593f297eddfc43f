//! Calls of the services outside, and of the deployment.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use url::Url;

/// A client that follows no redirect and says who calls: RevID's front door refuses callers that do not.
pub(crate) fn client(timeout: Duration) -> reqwest::Result<Client> {
    let agent = concat!("catalyst/", env!("CARGO_PKG_VERSION"));
    clients::tls::client_builder()
        .timeout(timeout)
        .user_agent(agent)
        .build()
}

/// The status of an answer to GET; none when there was no answer.
pub(crate) async fn status(url: &str, timeout: Duration) -> Option<u16> {
    let response = client(timeout).ok()?.get(url).send().await.ok()?;
    Some(response.status().as_u16())
}

/// Status and JSON body of a call; null where the body is not JSON.
pub(crate) async fn send(request: RequestBuilder) -> reqwest::Result<(u16, Value)> {
    // Without the address, which may hold what should not be printed.
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// An address that paths are added to.
pub(crate) fn base(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Whether an address is on this machine, where things may go unencrypted.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// Whether what is secret may be sent to an address: over TLS, or without leaving this machine.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}
