//! Records as events for monitoring and error tracking.

use serde_json::{Value, json};

use super::batch::Batch;
use crate::config::Monitoring;

/// What `MONITORING_ENDPOINT` gets.
pub(super) fn performance(monitoring: &Monitoring, batch: &Batch) -> Vec<Value> {
    let mut events = Vec::new();
    for request in batch.requests.fresh() {
        events.push(json!({"type": "api_performance", "data": {
            "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
            "duration_ms": request.duration_ms, "code": request.code,
            "slow": request.is_slow(), "failed": request.is_failed(),
        }}));
        if let Some(user) = request.user.filter(|_| monitoring.analytics) {
            events.push(json!({"type": "user_activity", "data": {
                "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
                "user_id": user,
            }}));
        }
    }
    for call in batch.calls.fresh() {
        events.push(json!({"type": "performance_metric", "data": {
            "name": "provider_call", "request_id": call.request_id, "step_id": call.step_id, "at": call.at, "service": call.service,
            "operation": call.operation, "attempt": call.attempt, "status": call.status, "error": call.error,
            "duration_ms": call.duration_ms,
        }}));
    }
    for run in batch.steps.fresh() {
        events.push(json!({"type": "performance_metric", "data": {
            "name": "step_run", "request_id": run.request_id, "step_id": run.step_id, "at": run.at, "kind": run.kind,
            "attempt": run.attempt, "result": run.result, "duration_ms": run.duration_ms,
        }}));
    }
    events
}

/// What `ERROR_TRACKING_ENDPOINT` gets.
pub(super) fn errors(monitoring: &Monitoring, batch: &Batch) -> Vec<Value> {
    if !monitoring.error_tracking {
        return Vec::new();
    }
    let requests = batch.requests.fresh().filter(|request| request.is_failed()).map(|request| {
        json!({"type": "application_error", "data": {
            "request_id": request.request_id, "at": request.at, "operation": request.operation, "status": request.status,
            "code": request.code, "message": request.error, "user_id": request.user,
        }})
    });
    let steps = batch
        .steps
        .fresh()
        .filter(|run| run.is_failed())
        .map(|run| {
            json!({"type": "application_error", "data": {
                "request_id": run.request_id, "step_id": run.step_id, "at": run.at, "operation": run.kind, "code": run.result,
                "message": run.reason,
            }})
        });
    requests.chain(steps).collect()
}
