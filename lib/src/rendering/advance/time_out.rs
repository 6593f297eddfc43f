//! A render that takes too long.

use std::time::Duration;

use serde_json::json;

use super::work::{Run, Work, render_error};
use crate::pipeline::Outcome;
use crate::rendering::state::State;
use platform::db::DbError;

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
    pub(super) async fn keep_polling(
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
                Some(left) if !left.is_zero() => Outcome::Snooze {
                    after: left,
                    reason: "last_look",
                },
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
