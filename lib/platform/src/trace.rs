//! On whose behalf something is done: the request, and the step that it made due.
//!
//! The database gets the request's id with every call (`x-request-id`), keeps it with the steps that the call makes
//! due, and gives it back with their claims: so what a step does, minutes later and in another process, still carries the
//! id of the request that asked for it.

use aws_lc_rs::digest;

use crate::ids::StepId;

tokio::task_local! {
    static CURRENT: Trace;
}

/// A request and, inside the pipeline, a step.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Id of the request that all of this goes back to; none for what the scheduler began.
    pub request_id: Option<String>,
    /// The step that runs.
    pub step_id: Option<StepId>,
    /// The span that what is done now belongs to.
    pub span: SpanId,
}

/// The eight bytes by which tracing tools know a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId(pub u64);

impl Default for SpanId {
    /// A new one; zero is not allowed.
    fn default() -> Self {
        Self(fastrand::u64(1..))
    }
}

impl SpanId {
    /// The span of a request, which follows from its id: so a step finds its parent in another process.
    pub fn of_request(request_id: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, request_id.as_bytes());
        let tail = hash.as_ref()[24..].iter();
        let id = tail.fold(0, |id: u64, byte| (id << 8) | u64::from(*byte));
        Self(id.max(1))
    }
}

impl Trace {
    /// The trace of a request.
    pub fn of_request(request_id: &str) -> Self {
        Self {
            request_id: Some(request_id.to_owned()),
            step_id: None,
            span: SpanId::of_request(request_id),
        }
    }

    /// The trace of a step.
    pub fn of_step(step_id: StepId, request_id: Option<&str>) -> Self {
        Self {
            request_id: request_id.map(ToOwned::to_owned),
            step_id: Some(step_id),
            ..Self::default()
        }
    }

    /// Does `work` under this trace.
    pub async fn follow<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

/// The trace of the running task; none outside of requests and steps.
pub fn current() -> Option<Trace> {
    CURRENT.try_with(Clone::clone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_task_has_its_own() {
        let name = |id: &'static str| async move {
            tokio::task::yield_now().await;
            current().and_then(|trace| trace.request_id).as_deref() == Some(id)
        };
        let (one, other) = tokio::join!(
            Trace::of_request("request-one").follow(name("request-one")),
            Trace::of_request("request-two").follow(name("request-two")),
        );
        assert!(one && other && current().is_none());
    }
}
