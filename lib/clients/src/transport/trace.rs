//! What is recorded about each attempt.

use super::error::TransportError;
use super::policy::CallPolicy;
use http::StatusCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{Span, field};

/// One finished attempt of a call, for metrics and for the health of the outside services.
#[derive(Clone, Copy, Debug)]
pub struct CallRecord {
    /// Service.
    pub service: &'static str,
    /// Operation.
    pub operation: &'static str,
    /// Which attempt this was, from 1.
    pub attempt: u32,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// [`TransportError::kind`] when there was none.
    pub error: Option<&'static str>,
    /// Time of this attempt; of a streamed answer, until it began.
    pub duration: Duration,
}

/// Told about every finished attempt, before the next one.
pub type Observer = Arc<dyn Fn(&CallRecord) + Send + Sync>;

pub(super) fn call_span(policy: &CallPolicy, attempt: u32) -> Span {
    tracing::info_span!(
        "call",
        service = policy.service,
        operation = policy.operation,
        attempt,
        status = field::Empty,
        error = field::Empty,
        duration_ms = field::Empty,
    )
}

pub(super) fn finish_span(
    span: &Span,
    began: Instant,
    outcome: Result<StatusCode, &TransportError>,
) {
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.record("duration_ms", duration_ms);
    match outcome {
        Ok(status) => {
            span.record("status", status.as_u16());
            tracing::debug!(parent: span, "call answered");
        }
        Err(error) => {
            span.record("error", error.kind());
            tracing::warn!(parent: span, "call failed");
        }
    }
}
