//! What the proxy does with a call: lets it pass, or ends the process that made it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{BODY_LIMIT, Call};
use super::caller::Caller;
use super::point::{CLAIM, END, FINISH, FINISH_AND_CLAIM, Moment};
use super::proxy::{FaultProxy, Upstream};
use super::registry::Claimed;

/// The call by which a worker keeps its claim.
const EXTEND_LEASE: &str = "db extend_lease";
/// Calls that come by the clock, not because of what the step does.
const BY_THE_CLOCK: [&str; 3] = [EXTEND_LEASE, "db pipeline_status", "db record_activity"];

/// The proxy's side that stands for one service.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) proxy: Arc<FaultProxy>,
    /// Which of its upstreams.
    pub(super) upstream: usize,
}

/// Handles every call, of a worker or of anybody else.
pub(super) async fn handle(
    State(Gate { proxy, upstream }): State<Gate>,
    ConnectInfo(Caller(worker)): ConnectInfo<Caller>,
    request: Request,
) -> Response {
    let Some(call) = Call::read(request).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let upstream = &proxy.upstreams[upstream];
    let name = call.name(upstream.name);
    let Some(worker) = worker else {
        return proxy.forward(upstream, &call).await;
    };
    if name == FINISH_AND_CLAIM {
        return finish_and_claim(&proxy, upstream, worker, call).await;
    }
    if BY_THE_CLOCK.contains(&name.as_str()) {
        let answer = proxy.forward(upstream, &call).await;
        if name == EXTEND_LEASE && answer.status().is_success() {
            return release_lost_claim(&proxy, worker, answer).await;
        }
        return answer;
    }
    if dies(&proxy, worker, &name, Moment::Before) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let answer = proxy.forward(upstream, &call).await;
    if !dies(&proxy, worker, &name, Moment::After) && name == FINISH && answer.status().is_success()
    {
        proxy.registry().ended(worker);
    }
    answer
}

/// Records a call of a worker, and ends the worker when this is its moment.
fn dies(proxy: &FaultProxy, worker: i32, call: &str, moment: Moment) -> bool {
    let dies = proxy.registry().record_call(worker, call, moment);
    if dies {
        proxy.kill(worker);
    }
    dies
}

/// One step at a time for each worker.
async fn finish_and_claim(
    proxy: &FaultProxy,
    upstream: &Upstream,
    worker: i32,
    mut call: Call,
) -> Response {
    let Ok(mut arguments) = serde_json::from_slice::<Value>(&call.body) else {
        return proxy.forward(upstream, &call).await;
    };
    let ends = arguments["p_ended"]
        .as_array()
        .is_some_and(|ended| !ended.is_empty());
    let claims = may_claim(proxy, worker, ends);
    if !ends && !claims {
        return axum::Json(json!([])).into_response();
    }
    if ends && dies(proxy, worker, END, Moment::Before) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    arguments["p_limit"] = json!(u8::from(claims));
    call.body = arguments.to_string().into();
    call.headers.remove(header::CONTENT_LENGTH);
    let answer = proxy.forward(upstream, &call).await;
    if ends && answer.status().is_success() {
        if dies(proxy, worker, END, Moment::After) {
            return answer;
        }
        proxy.registry().ended(worker);
    }
    let (head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let claimed: Vec<Value> = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(claim) = claimed.first() {
        record_claim(proxy, worker, claim);
    }
    Response::from_parts(head, Body::from(body))
}

/// A worker that is to die of the end takes nothing with it that another job would have to wait for.
fn may_claim(proxy: &FaultProxy, worker: i32, ends: bool) -> bool {
    let registry = proxy.registry();
    !registry.closed
        && !registry.dies_at(worker, END)
        && (ends || !registry.claims.contains_key(&worker))
}

fn record_claim(proxy: &FaultProxy, worker: i32, claim: &Value) {
    let id = |name: &str| claim[name].as_str()?.parse::<Uuid>().ok();
    let (Some(step), Some(subject)) = (id("step_id"), id("subject_id")) else {
        return;
    };
    let kind = claim["kind"].as_str().unwrap_or_default().to_owned();
    let late = claim["late_seconds"].as_f64().unwrap_or_default();
    {
        let mut registry = proxy.registry();
        let job = registry.subjects.get(&subject).copied();
        if let Some(recording) = job.and_then(|job| registry.recordings.get_mut(&job)) {
            recording.claimed(late);
        }
        registry.claims.insert(worker, Claimed { job, kind, step });
        // A claim that was never made cannot be interrupted: only the moment after it counts.
        registry.record_call(worker, CLAIM, Moment::Before);
    }
    dies(proxy, worker, CLAIM, Moment::After);
}

/// A worker that has lost its lease lets go of the step.
async fn release_lost_claim(proxy: &FaultProxy, worker: i32, answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    if body.as_ref() == b"false"
        && let Some(lost) = proxy.registry().claims.remove(&worker)
    {
        tracing::warn!(step = %lost.step, kind = lost.kind, "a worker was too slow for its lease");
    }
    Response::from_parts(head, Body::from(body))
}
