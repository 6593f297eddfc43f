//! Polling a job.

use std::time::{Duration, Instant};

use serde_json::json;

use super::work::{Run, Work, render_error};
use crate::pipeline::{Outcome, StepError};
use crate::rendering::render::State;
use clients::revid::{JobState, PollError, ProviderJobId};
use platform::db::DbError;

impl Run<'_> {
    /// Asks the provider how the job stands, and acts on the answer.
    pub(super) async fn poll(&self, work: &Work) -> Result<Outcome, DbError> {
        let Some(job) = work.provider_job_id.as_deref().and_then(ProviderJobId::new) else {
            return Ok(Outcome::Discard {
                error: StepError::new("no_job", "The render has no job at the provider."),
            });
        };
        let deadline = Instant::now() + self.ctx.time_left().min(Duration::from_secs(10));
        match self.revid.poll(&job, deadline).await {
            Ok(state) => self.on_state(work, state).await,
            Err(error) => self.on_poll_error(work, error).await,
        }
    }

    async fn on_state(&self, work: &Work, state: JobState) -> Result<Outcome, DbError> {
        match state {
            JobState::Queued => self.keep_polling(work, Progress::default(), "queued").await,
            JobState::Running {
                progress,
                without_file,
            } => {
                let reason = if without_file {
                    "ready_without_file"
                } else {
                    "rendering"
                };
                let progress = Progress {
                    running: true,
                    percent: progress,
                    odd: without_file,
                };
                self.keep_polling(work, progress, reason).await
            }
            JobState::Succeeded(video) => self.collect(work, video).await,
            JobState::Failed {
                code,
                message,
                credits,
            } => {
                // What was refused before work began cost nothing; everything else may have.
                let charged = !code.concerns_operator();
                self.fail(code, &message, charged, credits).await
            }
        }
    }

    async fn on_poll_error(&self, work: &Work, error: PollError) -> Result<Outcome, DbError> {
        let next_poll = self.schedule.next_poll(work.age());
        let (after, reason) = match error {
            PollError::NotFound if work.age() < self.schedule.settle => {
                (next_poll, "not_known_yet")
            }
            PollError::NotFound => {
                let progress = Progress {
                    odd: true,
                    ..Progress::default()
                };
                return self.keep_polling(work, progress, "job_not_known").await;
            }
            PollError::RateLimited(after) => {
                let after = after.unwrap_or_default();
                let after = after.clamp(self.schedule.late, Duration::from_secs(300));
                (after, "provider_asks_to_wait")
            }
            error => {
                tracing::warn!(error = %error, "a poll failed");
                (2 * next_poll, "provider_unavailable")
            }
        };
        self.wait_or_time_out(work, after, reason).await
    }
}

/// Odd answers in a row after which a job is no longer expected to end.
const MAX_ODD_POLLS: i32 = 6;

/// What a poll said about a job that is not over.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) running: bool,
    /// Per cent done.
    pub(super) percent: Option<u8>,
    /// The answer does not fit a job that is in progress.
    pub(super) odd: bool,
}

impl Run<'_> {
    /// Records a poll. Returns whether there were too many odd answers in a row.
    pub(super) async fn record_poll(&self, progress: Progress) -> Result<bool, DbError> {
        let arguments = json!({
            "p_running": progress.running, "p_progress": progress.percent, "p_odd": progress.odd,
        });
        let odd_polls: i32 = self.fenced("record_render_poll", arguments).await?;
        Ok(odd_polls >= MAX_ODD_POLLS)
    }

    /// The job is not over: polls again later, or times the render out.
    async fn keep_polling(
        &self,
        work: &Work,
        progress: Progress,
        reason: &'static str,
    ) -> Result<Outcome, DbError> {
        let too_odd = self.record_poll(progress).await?;
        if too_odd && work.state != State::TimedOutUnknown {
            return self.time_out(work, reason).await;
        }
        self.wait_or_time_out(work, self.schedule.next_poll(work.age()), reason)
            .await
    }

    pub(super) async fn wait_or_time_out(
        &self,
        work: &Work,
        after: Duration,
        reason: &'static str,
    ) -> Result<Outcome, DbError> {
        if work.state == State::TimedOutUnknown {
            return Ok(match self.schedule.last_poll.checked_sub(work.age()) {
                Some(left) if !left.is_zero() => Outcome::snooze(left, "last_look"),
                // That was the last poll. A late callback still wakes this step.
                _ => Outcome::Done,
            });
        }
        if work.age() >= self.schedule.time_out {
            return self.time_out(work, reason).await;
        }
        Ok(Outcome::Snooze { after, reason })
    }

    async fn time_out(&self, work: &Work, reason: &str) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %work.id, reason, "a render timed out");
        let error = render_error(
            "timed_out_unknown",
            "The render takes longer than any should. It may still finish and is looked at once more; cancel it before you ask for another.",
        );
        self.fenced::<bool>("time_out_render", json!({ "p_error": error }))
            .await?;
        Ok(Outcome::Continue {
            after: self.schedule.last_poll.saturating_sub(work.age()),
            reason: "last_look",
        })
    }
}
