//! Sending a render to the provider, once.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::work::{Failure, Run, Work, render_error};
use crate::{pipeline::Outcome, rendering::callback::CallbackToken};
use clients::revid::{FailCode, SubmitError, Submitted};
use platform::db::DbError;

#[derive(Deserialize)]
struct Permission {
    go: bool,
    wait_seconds: f64,
}

impl Run<'_> {
    /// Commits `submitting`, sends the request once and commits the answer.
    pub(super) async fn submit(&self, work: &Work) -> Result<Outcome, DbError> {
        let Ok(token) = CallbackToken::new() else {
            return Ok(Outcome::retry(
                "no_randomness",
                "The system gave no random bytes.",
            ));
        };
        if let Some(outcome) = self.preflight(work).await? {
            return Ok(outcome);
        }
        // Counted from before the commit: a process that was suspended in between wakes up too late to send.
        let send_until = Instant::now() + self.schedule.send_within;
        let arguments = json!({
            "p_callback_hash": token.hash(),
            "p_gap_seconds": self.schedule.submit_gap.as_secs_f64(),
            "p_in_flight": self.schedule.in_flight,
        });
        let permission: Permission = self.fenced("begin_render_submit", arguments).await?;
        if !permission.go {
            return Ok(Outcome::snooze(
                Duration::try_from_secs_f64(permission.wait_seconds).unwrap_or_default(),
                "other_renders_first",
            ));
        }
        let callback = token.address(&self.ctx.config().app.url, work.id);
        let answer = self
            .revid
            .submit(&work.request, &callback, send_until)
            .await;
        self.on_submit_answer(&token.hash(), answer).await
    }

    /// Asks once more what it costs. The render goes back to its user when that is more than was reserved or than the cap,
    /// and waits when there is no answer. The provider's connection is then open when the submit follows the commit, so
    /// that little can happen between the two.
    async fn preflight(&self, work: &Work) -> Result<Option<Outcome>, DbError> {
        let deadline = Instant::now() + Duration::from_secs(5);
        let credits = match self.revid.estimate(&work.request, deadline).await {
            Ok(credits) => credits,
            Err(error) => return Ok(Some(Outcome::retry("no_estimate", error.to_string()))),
        };
        let revid = self.ctx.config().revid.as_ref();
        let of_variables = revid.map_or(0, |revid| revid.credits_per_render);
        let cap = work.credits_per_render.unwrap_or(of_variables);
        if credits <= work.estimated_credits.min(cap) {
            return Ok(None);
        }
        let message = format!(
            "The render service now asks for {credits} credits; {} were reserved, and at most {cap} are spent on one video. Nothing was sent or charged. Render again to accept the new price.",
            work.estimated_credits
        );
        let (code, message) = ("price_rose", &*message);
        self.record_failure(Failure {
            code,
            message,
            ..Failure::default()
        })
        .await?;
        Ok(Some(Outcome::Done))
    }

    async fn on_submit_answer(
        &self,
        callback_hash: &str,
        answer: Result<Submitted, SubmitError>,
    ) -> Result<Outcome, DbError> {
        let (code, text) = match answer {
            Ok(submitted) => {
                let arguments =
                    json!({ "p_callback_hash": callback_hash, "p_job_id": submitted.id });
                self.fenced_until_stored("record_render_job", arguments)
                    .await?;
                return Ok(Outcome::Continue {
                    after: self.schedule.first_poll,
                    reason: "submitted",
                });
            }
            Err(SubmitError::NotSent(why)) => {
                self.return_to_requested(callback_hash).await?;
                let message = format!("The submit could not be sent ({why}).");
                return Ok(Outcome::retry("provider_unreachable", message));
            }
            Err(SubmitError::RateLimited(after)) => {
                self.return_to_requested(callback_hash).await?;
                let after = after.unwrap_or_default();
                return Ok(Outcome::snooze(
                    after.clamp(self.schedule.early, Duration::from_secs(600)),
                    "provider_asks_to_wait",
                ));
            }
            Err(SubmitError::Unknown(why)) => return self.submit_unknown(&why).await,
            Err(SubmitError::OutOfCredit(text)) => (FailCode::InsufficientCredits, text),
            Err(SubmitError::Auth(text)) => (FailCode::KeyRefused, text),
            Err(SubmitError::Rejected { code, message }) => (code, message),
        };
        self.fail(code, &text, false, None).await
    }

    /// The submit certainly did not happen: it may be sent again.
    async fn return_to_requested(&self, callback_hash: &str) -> Result<bool, DbError> {
        let arguments = json!({ "p_callback_hash": callback_hash });
        self.fenced_until_stored("return_render", arguments).await
    }

    /// The submit may or may not have arrived.
    pub(super) async fn submit_unknown(&self, why: &str) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %self.claim.subject_id, why, "a submit's outcome is unknown");
        let error = render_error(
            "submit_unknown",
            "It is not known yet whether the render service took the job. We are looking for it; nothing is sent twice.",
        );
        self.fenced_until_stored("mark_submit_unknown", json!({ "p_error": error }))
            .await?;
        Ok(Outcome::Continue {
            after: self.schedule.search,
            reason: "looking_for_the_job",
        })
    }
}
