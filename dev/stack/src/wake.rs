//! Wakes the dispatcher in the place of a scheduler, or of many requests.

use std::{collections::BTreeMap, time::Duration};

use crate::http_client;

/// Wakes the dispatcher of a stack with these variables, for as long as it is polled.
pub async fn keep_awake(environment: BTreeMap<String, String>, every: Duration) {
    let value = |name: &str| environment.get(name).map_or("", String::as_str);
    let Ok(client) = http_client::with_timeout(Duration::from_secs(20)) else {
        return;
    };
    loop {
        tokio::time::sleep(every).await;
        let call = client
            .post(format!("{}/api/cron/dispatch", value("APP_URL")))
            .bearer_auth(value("CRON_SECRET"))
            .send()
            .await;
        if let Err(error) = call {
            tracing::warn!(%error, "the dispatcher was not woken");
        }
    }
}
