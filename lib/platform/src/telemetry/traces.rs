//! Records as spans: OTLP over HTTP in its JSON form, written here, because the crates that do it would make every function
//! larger by a quarter.

use aws_lc_rs::digest;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;

use super::environment::environment;
use super::records::{Batch, Call, Request, StepRun};
use crate::{config::Monitoring, trace::SpanId};
use clients::hex;

/// `<endpoint>/v1/traces`, as the specification of the variable says.
pub(super) fn traces_at(endpoint: &Url) -> Url {
    let mut url = endpoint.clone();
    let path = endpoint.path().trim_end_matches('/');
    url.set_path(&format!("{path}/v1/traces"));
    url
}

/// Sixteen bytes by which everything that goes back to one request is one trace, in whatever process it happens.
fn trace_id(request_id: Option<&str>, otherwise: &str) -> String {
    let hash = digest::digest(&digest::SHA256, request_id.unwrap_or(otherwise).as_bytes());
    hex(&hash.as_ref()[..16])
}

fn span_id(span: SpanId) -> String {
    format!("{:016x}", span.0)
}

/// Kinds of spans.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// One span.
struct Span<'a> {
    trace: String,
    id: SpanId,
    parent: Option<SpanId>,
    name: &'a str,
    kind: u8,
    ended: Timestamp,
    duration_ms: u64,
    failed: bool,
    /// Those that are null are left out.
    attributes: &'a [(&'a str, Value)],
}

impl Span<'_> {
    fn json(self) -> Value {
        let length = i64::try_from(self.duration_ms).unwrap_or_default();
        let started = self.ended - SignedDuration::from_millis(length);
        let attributes = self.attributes.iter();
        let attributes: Vec<Value> = attributes
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| attribute(key, value))
            .collect();
        let mut span = json!({
            "traceId": self.trace, "spanId": span_id(self.id), "name": self.name, "kind": self.kind,
            "startTimeUnixNano": started.as_nanosecond().to_string(),
            "endTimeUnixNano": self.ended.as_nanosecond().to_string(),
            "attributes": attributes,
            "status": if self.failed { json!({"code": 2}) } else { json!({}) },
        });
        if let Some(parent) = self.parent {
            span["parentSpanId"] = span_id(parent).into();
        }
        span
    }
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
pub(super) fn traces(monitoring: &Monitoring, batch: &Batch) -> Value {
    let requests = batch.requests.fresh().map(request_span);
    let calls = batch.calls.fresh().map(call_span);
    let steps = batch.steps.fresh().map(step_span);
    let spans: Vec<Value> = requests.chain(calls).chain(steps).collect();
    let mut resource = vec![
        attribute("service.name", &json!(monitoring.service_name)),
        attribute("service.version", &json!(env!("CARGO_PKG_VERSION"))),
        attribute("deployment.environment.name", &json!(environment())),
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
    Span {
        trace: trace_id(Some(&request.request_id), ""),
        id: SpanId::of_request(&request.request_id),
        parent: None,
        name: request.operation,
        kind: SERVER,
        ended: request.at,
        duration_ms: request.duration_ms,
        failed: request.is_failed(),
        attributes: &[
            ("http.response.status_code", json!(request.status)),
            ("error.type", json!(request.code)),
            ("catalyst.request_id", json!(request.request_id)),
        ],
    }
    .json()
}

fn call_span(call: &Call) -> Value {
    let own = call.step_id.map(|id| id.to_string()).unwrap_or_default();
    let resends = call.attempt.saturating_sub(1);
    Span {
        trace: trace_id(call.request_id.as_deref(), &own),
        id: SpanId::default(),
        parent: Some(call.parent),
        name: &format!("{} {}", call.service, call.operation),
        kind: CLIENT,
        ended: call.at,
        duration_ms: call.duration_ms,
        failed: call.error.is_some(),
        attributes: &[
            ("peer.service", json!(call.service)),
            ("http.response.status_code", json!(call.status)),
            ("error.type", json!(call.error)),
            ("http.request.resend_count", json!(resends)),
            ("catalyst.step_id", json!(call.step_id)),
        ],
    }
    .json()
}

fn step_span(run: &StepRun) -> Value {
    Span {
        trace: trace_id(run.request_id.as_deref(), &run.step_id.to_string()),
        id: run.span,
        parent: run.request_id.as_deref().map(SpanId::of_request),
        name: &run.kind,
        kind: INTERNAL,
        ended: run.at,
        duration_ms: run.duration_ms,
        failed: run.is_failed(),
        attributes: &[
            ("catalyst.step_id", json!(run.step_id)),
            ("catalyst.attempt", json!(run.attempt)),
            ("catalyst.result", json!(run.result)),
            ("catalyst.reason", json!(run.reason)),
        ],
    }
    .json()
}

#[cfg(test)]
mod tests;
