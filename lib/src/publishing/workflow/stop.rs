//! Whether an incomplete session is to be left: its upload was cancelled, its old time is near, or it is too late.

use jiff::SignedDuration;

use super::change::{Change, SessionOutcome};
use super::flow::{Flow, LATE, snooze};
use super::work::{UploadSession, Work};
use crate::pipeline::Outcome;
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;

/// A session opened with another publish time is left when that time comes this near.
const OLD_TIME_NEAR: SignedDuration = SignedDuration::from_mins(10);
/// How long a piece of a stalled worker may still arrive.
const IN_FLIGHT: SignedDuration = SignedDuration::from_secs(150);

impl Flow<'_> {
    /// The upload as it goes on without the session; none when the session goes on.
    pub(super) async fn stop_sending(
        &self,
        work: &Work,
        session: &UploadSession,
        next: u64,
    ) -> Result<Option<Work>, Outcome> {
        let wanted = work.upload.publish_at;
        let is_superseded = session
            .publish_at
            .is_some_and(|old| old != wanted && old <= work.now + OLD_TIME_NEAR);
        if !work.is_cancelled() && !is_superseded {
            if work.now > wanted + LATE {
                return Err(self.needs_attention(work, Reason::SlotMissed).await);
            }
            return Ok(None);
        }
        // An incomplete session never becomes a video, unless the rest of it is on its way from a run that stalled.
        if session.bytes_total.saturating_sub(next) <= self.piece_bytes() {
            self.wait_for_last_piece(work, session).await?;
        }
        let abandoned = Some(SessionOutcome::Abandoned);
        if work.is_cancelled() {
            let change = Change {
                session_outcome: abandoned,
                ..Change::default()
            };
            return Err(self.cancel(work, Reason::CancelledByUser, change).await);
        }
        let change = Change {
            session_outcome: abandoned,
            ..Change::to(State::Scheduled, None)
        };
        self.store(work, change).await.map(Some)
    }

    async fn wait_for_last_piece(
        &self,
        work: &Work,
        session: &UploadSession,
    ) -> Result<(), Outcome> {
        let waiting_since = work
            .session
            .as_ref()
            .filter(|session| session.searches > 0)
            .and_then(|session| session.last_search_at);
        let left = match waiting_since {
            None => {
                let change = Change {
                    searched: Some(session.id),
                    ..Change::default()
                };
                self.store(work, change).await?;
                IN_FLIGHT
            }
            Some(since) => (since + IN_FLIGHT).duration_since(work.now),
        };
        if left.is_positive() {
            return Err(snooze(left, "last_piece_may_be_on_its_way"));
        }
        Ok(())
    }
}
