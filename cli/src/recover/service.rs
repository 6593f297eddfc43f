//! The service on its new database.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use super::http;
use crate::error::{Error, Result};
use crate::postgres::vault;

/// How long the API may take to find the new database.
const SERVING: Duration = Duration::from_secs(180);

/// Keeps in Vault what the database wakes the dispatcher with.
pub(super) async fn keep_secrets(
    connection: &mut PgConnection,
    app_url: &str,
    cron_secret: &str,
) -> Result {
    for (name, value) in [("app_url", app_url), ("cron_secret", cron_secret)] {
        vault::set_secret(connection, name, value)
            .await
            .map_err(Error::database(format!(
                "cannot keep the secret {name} in Vault"
            )))?;
    }
    Ok(())
}

/// Waits until the API is healthy; false when it never is.
pub(super) async fn wait_until_healthy(app_url: &str) -> bool {
    let until = Instant::now() + SERVING;
    let url = format!("{app_url}/api/health");
    while Instant::now() < until {
        if let Some(200..300) = http::get(&url, Duration::from_secs(10)).await {
            return true;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    false
}

/// Wakes the dispatcher; false when it refuses.
pub(super) async fn wake_dispatcher(app_url: &str, secret: &str) -> bool {
    let Some(client) = http::client(Duration::from_secs(20)) else {
        return false;
    };
    client
        .post(format!("{app_url}/api/cron/dispatch"))
        .bearer_auth(secret)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}
