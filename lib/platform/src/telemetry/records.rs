//! What is written down about requests, calls of outside services and runs of steps, and waits in bounded memory.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

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
    /// Why, the outermost cause first; not kept in the database.
    #[serde(skip)]
    pub causes: Vec<String>,
    /// The signed-in caller; not kept in the database.
    #[serde(skip)]
    pub user: Option<UserId>,
    /// Their sign-in; not kept in the database.
    #[serde(skip)]
    pub session: Option<Uuid>,
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

    /// Why, in one line.
    pub(super) fn error(&self) -> Option<String> {
        (!self.causes.is_empty()).then(|| self.causes.join(": "))
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

/// Records of each sort that an instance keeps at most.
pub(super) const CAPACITY: usize = 1_000;
/// Records of each sort that are written at once.
pub(super) const BATCH: usize = 500;

/// What is written together; the arguments of `engine.record_activity`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Batch {
    #[serde(rename = "p_requests")]
    pub(super) requests: Records<Request>,
    #[serde(rename = "p_calls")]
    pub(super) calls: Records<Call>,
    #[serde(rename = "p_steps")]
    pub(super) steps: Records<StepRun>,
    #[serde(rename = "p_dropped")]
    pub(super) dropped: u64,
}

/// Records of one sort, the oldest first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Records<T> {
    all: VecDeque<T>,
    /// How many, from the front, were exported already.
    #[serde(skip)]
    exported: usize,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        let (all, exported) = (VecDeque::new(), 0);
        Self { all, exported }
    }
}

impl<T> Records<T> {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Those that were not exported yet.
    pub(super) fn fresh(&self) -> impl Iterator<Item = &T> {
        self.all.iter().skip(self.exported)
    }

    /// Adds a record; the oldest makes room. Returns how many were dropped.
    pub(super) fn push(&mut self, record: T) -> u64 {
        let full = self.all.len() >= CAPACITY;
        if full {
            self.all.pop_front();
            self.exported = self.exported.saturating_sub(1);
        }
        self.all.push_back(record);
        full.into()
    }

    fn take(&mut self) -> Self {
        let taken: VecDeque<T> = self.all.drain(..self.all.len().min(BATCH)).collect();
        let exported = taken.len().min(self.exported);
        self.exported -= exported;
        Self {
            all: taken,
            exported,
        }
    }

    /// Puts older records back before what came since. All of them were exported. Returns how many have no room.
    fn put_back(&mut self, older: Self) -> u64 {
        let kept = older.len().min(CAPACITY.saturating_sub(self.len()));
        let lost = older.len() - kept;
        for record in older.all.into_iter().skip(lost).rev() {
            self.all.push_front(record);
        }
        self.exported += kept;
        lost as u64
    }
}

impl Batch {
    /// How many writes it takes.
    pub(super) fn batches(&self) -> usize {
        let most = self
            .requests
            .len()
            .max(self.calls.len())
            .max(self.steps.len());
        most.div_ceil(BATCH)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches() == 0
    }

    /// The oldest of each sort.
    pub(super) fn take(&mut self) -> Self {
        Self {
            requests: self.requests.take(),
            calls: self.calls.take(),
            steps: self.steps.take(),
            dropped: std::mem::take(&mut self.dropped),
        }
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&mut self, batch: Self) {
        self.dropped += batch.dropped
            + self.requests.put_back(batch.requests)
            + self.calls.put_back(batch.calls)
            + self.steps.put_back(batch.steps);
    }
}

#[cfg(test)]
pub(super) mod tests;
