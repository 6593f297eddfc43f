//! Polling a job.

use std::time::{Duration, Instant};

use super::time_out::Progress;
use super::work::{Run, Work};
use crate::pipeline::{Outcome, StepError};
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
                let after = after
                    .unwrap_or_default()
                    .clamp(self.schedule.late, Duration::from_secs(300));
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
