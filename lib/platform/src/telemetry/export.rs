//! The same records for other receivers: monitoring, error tracking, and traces.
//!
//! Sent beside the write to the database, once; what a receiver does not take within two seconds is lost to it.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::join;
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::batch::Batch;
use super::events::{errors, performance};
use super::traces::{traces, traces_at};
use crate::config::{Config, Monitoring};

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Sends a batch to everybody who is configured.
pub(super) async fn send(config: &Config, batch: &Batch) {
    let monitoring = &config.monitoring;
    let to = |endpoint: &Option<Url>, events: fn(&Monitoring, &Batch) -> Vec<Value>| {
        let body = endpoint
            .as_ref()
            .map(|_| events(monitoring, batch))
            .filter(|events| !events.is_empty());
        let request = endpoint
            .clone()
            .zip(body)
            .map(|(endpoint, events)| client().post(endpoint).json(&events));
        deliver("events", request)
    };
    let traces = monitoring.traces.as_ref().map(|endpoint| {
        let mut request = client()
            .post(traces_at(endpoint))
            .json(&traces(monitoring, batch));
        for (name, value) in &monitoring.trace_headers {
            request = request.header(name, value.expose_secret());
        }
        request
    });
    join!(
        to(&monitoring.endpoint, performance),
        to(&monitoring.error_endpoint, errors),
        deliver("traces", traces),
    );
}

async fn deliver(what: &'static str, request: Option<reqwest::RequestBuilder>) {
    let Some(request) = request else {
        return;
    };
    // The address may hold a key: it stays out of the log.
    match request.timeout(TIMEOUT).send().await {
        Ok(answer) if answer.status().is_success() => {}
        Ok(answer) => tracing::warn!(
            what,
            status = answer.status().as_u16(),
            "a receiver refused"
        ),
        Err(error) => {
            tracing::warn!(what, error = %error.without_url(), "a receiver could not be reached");
        }
    }
}

fn client() -> &'static reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        clients::tls::client_builder()
            .connect_timeout(TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .expect("the client's settings are constants")
    })
}
