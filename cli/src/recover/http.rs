//! Calls of the service and of others outside.

use std::time::Duration;

/// The status of an answer to GET; none when there was no answer.
pub(super) async fn get(url: &str, timeout: Duration) -> Option<u16> {
    let response = client(timeout)?.get(url).send().await.ok()?;
    Some(response.status().as_u16())
}

/// A client whose calls take no longer than this.
pub(super) fn client(timeout: Duration) -> Option<reqwest::Client> {
    clients::tls::client_builder().timeout(timeout).build().ok()
}
