//! The controls by which tests move a stack's clock and its stand-ins.

use std::time::Duration;

use catalyst_cli::error::Result;
use serde_json::{Value, json};

use crate::http_client;

/// Posts to the control of this name of the gateway, or of a stand-in.
///
/// # Errors
///
/// When it does not answer, or refuses.
pub async fn set(service: &str, control: &str, body: Value) -> Result {
    let url = format!("{service}/_control/{control}");
    http_client::send(client()?.post(url).json(&body))
        .await
        .map(drop)
}

/// Takes back everything that was set by a control of a stand-in.
///
/// # Errors
///
/// As [`set`].
pub async fn clear(service: &str, control: &str) -> Result {
    let url = format!("{service}/_control/{control}");
    http_client::send(client()?.delete(url)).await.map(drop)
}

/// What a stand-in holds.
///
/// # Errors
///
/// When it does not answer.
pub async fn state(service: &str) -> Result<Value> {
    http_client::send(client()?.get(format!("{service}/_state"))).await
}

/// Makes an account at the stand-in of Google that owns this channel.
///
/// # Errors
///
/// As [`set`].
pub async fn create_account(google: &str, account: &str, channel: Value) -> Result {
    let body = json!({"account": account, "channel": channel});
    set(google, "accounts", body).await
}

fn client() -> Result<reqwest::Client> {
    http_client::with_timeout(Duration::from_secs(90))
}
