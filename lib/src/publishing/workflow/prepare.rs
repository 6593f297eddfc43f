//! Before the first byte: what has to be there before a session is opened or resumed.

use jiff::SignedDuration;
use serde_json::json;

use super::change::Change;
use super::flow::{Flow, LATE, Next, snooze, snooze_until};
use super::work::{Readiness, Turn, Work};
use crate::pipeline::Outcome;
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;

impl Flow<'_> {
    pub(super) async fn prepare(&self, work: Work) -> Next {
        let is_open = work.open_session().is_some();
        if work.is_cancelled() && !is_open {
            let reason = Reason::CancelledByUser;
            return Err(self.cancel(&work, reason, Change::default()).await);
        }
        if let Some(reason) = work.channel.disconnected() {
            return Err(self.needs_attention(&work, reason).await);
        }
        if is_open {
            // A session is there already: it is asked, whatever has become of everything else.
            self.take_turn().await?;
            return self.call("resume_upload_session", json!({})).await;
        }
        self.check_ready(&work).await?;
        // No quota is taken for an upload that cannot begin: the channel is asked for first, and the file.
        self.access(&work).await?;
        let file = self.render_file(&work).await?;
        let turn = self.take_turn().await?;
        let reservation = turn.quota.and_then(|quota| quota.reservation);
        self.open_session(turn.work, &file, reservation).await
    }

    async fn check_ready(&self, work: &Work) -> Result<(), Outcome> {
        let reason = if !work.channel.features.upload || !work.channel.features.read {
            Reason::ScopeMissing
        } else if work.now > work.upload.publish_at + LATE {
            Reason::SlotMissed
        } else {
            match work.render {
                Readiness::Ready => return Ok(()),
                Readiness::Failed => Reason::RenderFailed,
                Readiness::Running => {
                    self.store(work, Change::to(State::Scheduled, Reason::RenderRunning))
                        .await?;
                    // The render's end wakes this step; the wait is for what gets lost.
                    return Err(snooze(SignedDuration::from_mins(10), "render_running"));
                }
            }
        };
        Err(self.needs_attention(work, reason).await)
    }

    /// Takes the channel's turn and one upload of the day's quota, or waits for them.
    async fn take_turn(&self) -> Result<Turn, Outcome> {
        let turn: Turn = self.call("prepare_upload", json!({})).await?;
        if turn.turn {
            return Ok(turn);
        }
        Err(match turn.work.upload.next_attempt_at {
            Some(until) => snooze_until(&turn.work, until, "upload_quota_used_up"),
            // The end of the other upload wakes this one; the wait is for what gets lost.
            None => snooze(SignedDuration::from_mins(2), "channel_busy"),
        })
    }
}
