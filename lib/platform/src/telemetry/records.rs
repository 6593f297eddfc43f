//! What is written down about requests, calls of outside services and runs of steps.

use jiff::Timestamp;
use serde::Serialize;

use crate::ids::{StepId, UserId};
use crate::trace::SpanId;

/// One answered request.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Request {
    pub request_id: String,
    /// When it was answered.
    pub at: Timestamp,
    /// Operation id.
    pub operation: &'static str,
    /// Status of the answer.
    pub status: u16,
    /// Until the answer was ready to be sent.
    pub duration_ms: u64,
    /// Code of the problem, when there is one.
    pub code: Option<&'static str>,
    /// Its cause; not kept in the database.
    #[serde(skip)]
    pub error: Option<String>,
    /// The signed-in caller; not kept in the database.
    #[serde(skip)]
    pub user: Option<UserId>,
}

impl Request {
    /// Whether it took longer than two seconds.
    pub(super) fn is_slow(&self) -> bool {
        self.duration_ms > 2_000
    }

    /// Whether it failed on our side.
    pub(super) fn is_failed(&self) -> bool {
        self.status >= 500
    }
}

/// One attempt of a call to an outside service.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Call {
    /// The request it was made for.
    pub request_id: Option<String>,
    /// The step it was made for.
    pub step_id: Option<StepId>,
    /// When it ended.
    pub at: Timestamp,
    pub service: &'static str,
    /// The service's operation.
    pub operation: &'static str,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Why the service did not do its part.
    pub error: Option<&'static str>,
    pub duration_ms: u64,
    /// The span it belongs to.
    #[serde(skip)]
    pub parent: SpanId,
}

/// One run of a step.
#[derive(Clone, Debug, Serialize)]
pub struct StepRun {
    /// The request that made it due.
    pub request_id: Option<String>,
    /// The step.
    pub step_id: StepId,
    /// When it ended.
    pub at: Timestamp,
    /// Its kind.
    pub kind: String,
    /// Which attempt.
    pub attempt: u32,
    /// `done`, `again`, `wait`, `retry`, `give_up`.
    pub result: &'static str,
    /// Why.
    pub reason: Option<String>,
    /// How long it ran.
    pub duration_ms: u64,
    /// Its span.
    #[serde(skip)]
    pub span: SpanId,
}

impl StepRun {
    /// Whether it ended with an error.
    pub(super) fn is_failed(&self) -> bool {
        matches!(self.result, "retry" | "give_up")
    }
}
