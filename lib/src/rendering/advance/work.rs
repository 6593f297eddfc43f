//! What one run of the step works with.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::pipeline::{Claim, Outcome, StepCtx};
use crate::{rendering::poll_schedule::PollSchedule, rendering::render::State};
use clients::revid::{FailCode, Revid, VideoRequest};
use platform::{db::DbError, ids::RenderId};

/// A render as its step sees it.
#[derive(Debug, Deserialize)]
pub(super) struct Work {
    pub(super) id: RenderId,
    pub(super) state: State,
    pub(super) request: VideoRequest,
    /// What was reserved.
    pub(super) estimated_credits: u32,
    /// The dearest render that is sent, where the operator set that; else the deployment's variable says.
    pub(super) credits_per_render: Option<u32>,
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

/// What a failed render costs, and who is told.
#[derive(Clone, Copy, Default)]
pub(super) struct Failure<'a> {
    pub(super) code: &'a str,
    /// What happened and what can be done, for the user.
    pub(super) message: &'a str,
    /// Whether the provider may have charged for it.
    pub(super) charged: bool,
    /// What the provider says it charged.
    pub(super) credits: Option<u32>,
    pub(super) alert_operator: bool,
}

impl Run<'_> {
    /// Ends the render; false when it had ended already.
    pub(super) async fn record_failure(&self, failure: Failure<'_>) -> Result<bool, DbError> {
        let arguments = json!({
            "p_error": render_error(failure.code, failure.message),
            "p_charged": failure.charged,
            "p_credits": failure.credits,
            "p_alert": failure.alert_operator,
        });
        self.fenced("fail_render", arguments).await
    }

    /// Ends the render for the reason that the provider gave.
    pub(super) async fn fail(
        &self,
        code: FailCode,
        provider_says: &str,
        charged: bool,
        credits: Option<u32>,
    ) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %self.claim.subject_id, code = code.slug(), provider_says, "a render failed");
        self.record_failure(Failure {
            code: code.slug(),
            message: code.advice(),
            charged,
            credits,
            alert_operator: code.concerns_operator(),
        })
        .await?;
        Ok(Outcome::Done)
    }
}
