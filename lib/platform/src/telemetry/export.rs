//! The same records for other receivers: monitoring, error tracking, and traces.
//!
//! Sent beside the write to the database, once; what a receiver does not take within two seconds is lost to it.

use std::{sync::OnceLock, time::Duration};

use futures_util::join;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::environment::environment;
use super::records::Batch;
use super::traces::{traces, traces_at};
use crate::config::{Config, Monitoring};

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Sends a batch to everybody who is configured.
pub(super) async fn send(config: &Config, batch: &Batch) {
    let monitoring = &config.monitoring;
    let to = |endpoint: &Option<Url>, events: fn(&Monitoring, &Batch) -> Vec<Value>| {
        let body = endpoint.as_ref().map(|_| events(monitoring, batch));
        let addressed = endpoint
            .clone()
            .zip(body)
            .filter(|(_, events)| !events.is_empty());
        let request = addressed.map(|(endpoint, events)| client().post(endpoint).json(&events));
        deliver("events", request)
    };
    let traces = monitoring.traces.as_ref().map(|endpoint| {
        let body = traces(monitoring, batch);
        let mut request = client().post(traces_at(endpoint)).json(&body);
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

/// An event as every receiver gets it.
fn event(kind: &str, mut data: Value) -> Value {
    data["environment"] = json!(environment());
    json!({"type": kind, "data": data})
}

/// What `MONITORING_ENDPOINT` gets.
pub(super) fn performance(monitoring: &Monitoring, batch: &Batch) -> Vec<Value> {
    let mut events = Vec::new();
    for request in batch.requests.fresh() {
        events.push(event("api_performance", json!({
            "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
            "duration_ms": request.duration_ms, "code": request.code,
            "slow": request.is_slow(), "failed": request.is_failed(),
        })));
        if let Some(user) = request.user.filter(|_| monitoring.analytics) {
            events.push(event("user_activity", json!({
                "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
                "user_id": user, "session_id": request.session,
            })));
        }
    }
    for call in batch.calls.fresh() {
        events.push(event("performance_metric", json!({
            "name": "provider_call", "request_id": call.request_id, "step_id": call.step_id, "at": call.at, "service": call.service,
            "operation": call.operation, "attempt": call.attempt, "status": call.status, "error": call.error,
            "duration_ms": call.duration_ms,
        })));
    }
    for run in batch.steps.fresh() {
        events.push(event("performance_metric", json!({
            "name": "step_run", "request_id": run.request_id, "step_id": run.step_id, "at": run.at, "kind": run.kind,
            "attempt": run.attempt, "result": run.result, "duration_ms": run.duration_ms,
        })));
    }
    events
}

/// What `ERROR_TRACKING_ENDPOINT` gets.
pub(super) fn errors(monitoring: &Monitoring, batch: &Batch) -> Vec<Value> {
    if !monitoring.error_tracking {
        return Vec::new();
    }
    let requests = batch.requests.fresh().filter(|request| request.is_failed()).map(|request| {
        event("application_error", json!({
            "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
            "code": request.code, "message": request.error(), "stack": request.causes.join("\n"),
            "user_id": request.user, "session_id": request.session,
        }))
    });
    let steps = batch.steps.fresh().filter(|run| run.is_failed()).map(|run| {
        event("application_error", json!({
            "request_id": run.request_id, "step_id": run.step_id, "at": run.at, "operation": run.kind, "code": run.result,
            "message": run.reason, "stack": run.reason,
        }))
    });
    requests.chain(steps).collect()
}
