//! The same records for whoever else wants them: monitoring, error tracking, and traces.
//!
//! Sent beside the write to the database, once; what a receiver does not take within two seconds is lost to it. Traces are
//! OTLP over HTTP in its JSON form, written here: the crates that do it would make every function larger by a quarter.

use std::sync::OnceLock;
use std::time::Duration;

use aws_lc_rs::digest;
use futures_util::join;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::recorder::{Batch, Call, Request, StepRun};
use crate::config::{Config, Monitoring};
use crate::trace::SpanId;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(2);

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
    match request.timeout(PATIENCE).send().await {
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
            .connect_timeout(PATIENCE)
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .expect("the client's settings are constants")
    })
}

/// What `MONITORING_ENDPOINT` gets.
fn performance(monitoring: &Monitoring, batch: &Batch) -> Vec<Value> {
    let mut events = Vec::new();
    for request in batch.fresh_requests() {
        events.push(json!({"type": "api_performance", "data": {
            "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
            "duration_ms": request.duration_ms, "code": request.code,
            "slow": request.duration_ms > 2_000, "failed": request.status >= 500,
        }}));
        if let Some(user) = request.user.filter(|_| monitoring.analytics) {
            events.push(json!({"type": "user_activity", "data": {
                "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
                "user_id": user,
            }}));
        }
    }
    for call in batch.fresh_calls() {
        events.push(json!({"type": "performance_metric", "data": {
            "name": "provider_call", "request_id": call.request_id, "step_id": call.step_id, "at": call.at, "service": call.service,
            "operation": call.operation, "attempt": call.attempt, "status": call.status, "error": call.error,
            "duration_ms": call.duration_ms,
        }}));
    }
    for run in batch.fresh_steps() {
        events.push(json!({"type": "performance_metric", "data": {
            "name": "step_run", "request_id": run.request_id, "step_id": run.step_id, "at": run.at, "kind": run.kind,
            "attempt": run.attempt, "result": run.result, "duration_ms": run.duration_ms,
        }}));
    }
    events
}

/// What `ERROR_TRACKING_ENDPOINT` gets.
fn errors(monitoring: &Monitoring, batch: &Batch) -> Vec<Value> {
    if !monitoring.error_tracking {
        return Vec::new();
    }
    let requests = batch.fresh_requests().filter(|request| request.status >= 500).map(|request| {
        json!({"type": "application_error", "data": {
            "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
            "code": request.code, "message": request.error, "user_id": request.user,
        }})
    });
    let steps = batch
        .fresh_steps()
        .filter(|run| matches!(run.result, "retry" | "give_up"))
        .map(|run| {
            json!({"type": "application_error", "data": {
                "request_id": run.request_id, "step_id": run.step_id, "at": run.at, "operation": run.kind, "code": run.result,
                "message": run.reason,
            }})
        });
    requests.chain(steps).collect()
}

/// `<endpoint>/v1/traces`, as the specification of the variable says.
fn traces_at(endpoint: &Url) -> Url {
    let mut url = endpoint.clone();
    url.set_path(&format!(
        "{}/v1/traces",
        endpoint.path().trim_end_matches('/')
    ));
    url
}

/// Sixteen bytes by which everything that goes back to one request is one trace, in whatever process it happens.
fn trace_id(request_id: Option<&str>, otherwise: &str) -> String {
    let hash = digest::digest(&digest::SHA256, request_id.unwrap_or(otherwise).as_bytes());
    hash.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn hex(span: SpanId) -> String {
    format!("{:016x}", span.0)
}

/// Kinds of spans.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// One span. Attributes that are null are left out.
#[expect(clippy::too_many_arguments, reason = "they are the parts of a span")]
fn span(
    trace: String,
    id: SpanId,
    parent: Option<SpanId>,
    name: &str,
    kind: u8,
    ended: Timestamp,
    duration_ms: u64,
    failed: bool,
    attributes: &[(&str, Value)],
) -> Value {
    let length = SignedDuration::from_millis(i64::try_from(duration_ms).unwrap_or_default());
    let attributes: Vec<Value> = attributes
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| attribute(key, value))
        .collect();
    let mut span = json!({
        "traceId": trace, "spanId": hex(id), "name": name, "kind": kind,
        "startTimeUnixNano": (ended - length).as_nanosecond().to_string(),
        "endTimeUnixNano": ended.as_nanosecond().to_string(),
        "attributes": attributes,
        "status": if failed { json!({"code": 2}) } else { json!({}) },
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = hex(parent).into();
    }
    span
}

/// Whole numbers are text in this form of the protocol.
fn attribute(key: &str, value: &Value) -> Value {
    let value = match value {
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::String(text) => json!({"stringValue": text}),
        other => json!({"stringValue": other.to_string()}),
    };
    json!({"key": key, "value": value})
}

/// One request of the protocol.
fn traces(monitoring: &Monitoring, batch: &Batch) -> Value {
    let requests = batch.fresh_requests().map(request_span);
    let calls = batch.fresh_calls().map(call_span);
    let steps = batch.fresh_steps().map(step_span);
    let spans: Vec<Value> = requests.chain(calls).chain(steps).collect();
    let mut resource = vec![
        attribute("service.name", &json!(monitoring.service_name)),
        attribute("service.version", &json!(env!("CARGO_PKG_VERSION"))),
    ];
    if let Ok(region) = std::env::var("VERCEL_REGION") {
        resource.push(attribute("cloud.region", &json!(region)));
    }
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": "catalyst"}, "spans": spans}],
    }]})
}

fn request_span(request: &Request) -> Value {
    span(
        trace_id(Some(&request.request_id), ""),
        SpanId::of_request(&request.request_id),
        None,
        request.operation,
        SERVER,
        request.at,
        request.duration_ms,
        request.status >= 500,
        &[
            ("http.response.status_code", json!(request.status)),
            ("error.type", json!(request.code)),
            ("catalyst.request_id", json!(request.request_id)),
        ],
    )
}

fn call_span(call: &Call) -> Value {
    let own = call.step_id.map(|id| id.to_string()).unwrap_or_default();
    span(
        trace_id(call.request_id.as_deref(), &own),
        SpanId::default(),
        Some(call.parent),
        &format!("{} {}", call.service, call.operation),
        CLIENT,
        call.at,
        call.duration_ms,
        call.error.is_some(),
        &[
            ("peer.service", json!(call.service)),
            ("http.response.status_code", json!(call.status)),
            ("error.type", json!(call.error)),
            (
                "http.request.resend_count",
                json!(call.attempt.saturating_sub(1)),
            ),
            ("catalyst.step_id", json!(call.step_id)),
        ],
    )
}

fn step_span(run: &StepRun) -> Value {
    span(
        trace_id(run.request_id.as_deref(), &run.step_id.to_string()),
        run.span,
        run.request_id.as_deref().map(SpanId::of_request),
        &run.kind,
        INTERNAL,
        run.at,
        run.duration_ms,
        matches!(run.result, "retry" | "give_up"),
        &[
            ("catalyst.step_id", json!(run.step_id)),
            ("catalyst.attempt", json!(run.attempt)),
            ("catalyst.result", json!(run.result)),
            ("catalyst.reason", json!(run.reason)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_below_whatever_path_the_endpoint_has() {
        for (endpoint, traces) in [
            (
                "https://otlp.example.com",
                "https://otlp.example.com/v1/traces",
            ),
            (
                "https://otlp.example.com/",
                "https://otlp.example.com/v1/traces",
            ),
            (
                "https://x.example.com/otlp/",
                "https://x.example.com/otlp/v1/traces",
            ),
        ] {
            assert_eq!(traces_at(&endpoint.parse().unwrap()).as_str(), traces);
        }
    }

    #[test]
    fn a_span_has_the_protocols_form() {
        let ended = Timestamp::from_second(100).unwrap();
        let made = span(
            trace_id(Some("request-1"), ""),
            SpanId(0xab),
            Some(SpanId(1)),
            "me.get",
            SERVER,
            ended,
            250,
            true,
            &[("a", json!(7)), ("b", Value::Null), ("c", json!("x"))],
        );
        assert_eq!(made["traceId"].as_str().unwrap().len(), 32);
        assert_eq!(made["spanId"], "00000000000000ab");
        assert_eq!(made["parentSpanId"], "0000000000000001");
        assert_eq!(made["startTimeUnixNano"], "99750000000");
        assert_eq!(made["endTimeUnixNano"], "100000000000");
        assert_eq!(made["status"]["code"], 2);
        assert_eq!(
            made["attributes"],
            json!([{"key": "a", "value": {"intValue": "7"}}, {"key": "c", "value": {"stringValue": "x"}}])
        );
    }
}
