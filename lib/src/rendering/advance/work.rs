//! What one run of the step works with.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::pipeline::{Claim, StepCtx};
use crate::rendering::poll_schedule::PollSchedule;
use crate::rendering::state::State;
use clients::revid::{Revid, VideoRequest};
use platform::db::DbError;
use platform::ids::RenderId;

/// A render as its step sees it.
#[derive(Debug, Deserialize)]
pub(super) struct Work {
    pub(super) id: RenderId,
    pub(super) state: State,
    pub(super) request: VideoRequest,
    pub(super) provider_job_id: Option<String>,
    pub(super) hinted_job_id: Option<String>,
    pub(super) submitted_at: Option<Timestamp>,
    pub(super) now: Timestamp,
}

impl Work {
    /// Time since the submit, on the product's clock.
    pub(super) fn age(&self) -> Duration {
        self.submitted_at
            .and_then(|at| Duration::try_from(self.now.duration_since(at)).ok())
            .unwrap_or_default()
    }
}

/// One run of the step.
pub(super) struct Run<'a> {
    pub(super) ctx: &'a StepCtx,
    pub(super) claim: &'a Claim,
    pub(super) revid: Revid,
    pub(super) schedule: PollSchedule,
}

impl Run<'_> {
    /// Calls a function that writes under this claim.
    pub(super) async fn fenced<T: DeserializeOwned + Send>(
        &self,
        function: &str,
        mut arguments: Value,
    ) -> Result<T, DbError> {
        arguments["p_render"] = json!(self.claim.subject_id);
        self.ctx.fenced(self.claim, function, arguments).await
    }

    /// [`fenced`](Self::fenced) for what must not be lost: repeated while there is time.
    pub(super) async fn fenced_until_stored(
        &self,
        function: &str,
        arguments: Value,
    ) -> Result<bool, DbError> {
        let mut wait = Duration::from_millis(100);
        loop {
            match self.fenced(function, arguments.clone()).await {
                Err(error) if error.is_transient() && self.ctx.time_left() > wait => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                other => return other,
            }
        }
    }
}

/// The error of a render, as it is stored and shown.
pub(super) fn render_error(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message })
}
