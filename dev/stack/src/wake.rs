//! Wakes the dispatcher in the place of a scheduler that cannot reach this machine.

use std::{collections::BTreeMap, time::Duration};

/// Wakes the dispatcher every half minute.
pub(crate) async fn wake(environment: BTreeMap<String, String>) {
    let value = |name: &str| {
        environment
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    let Ok(client) = clients::tls::client_builder()
        .timeout(Duration::from_secs(20))
        .build()
    else {
        return;
    };
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
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
