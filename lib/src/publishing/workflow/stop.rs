//! When a session is left: its upload was cancelled or moved, it is too late, or YouTube refused it.

use jiff::{SignedDuration, Timestamp};

use super::flow::{Flow, LATE, snooze};
use super::work::{Change, SessionOutcome, UploadSession, Work};
use super::youtube::reason_of_refusal;
use crate::channels::access::CallError;
use crate::pipeline::{Outcome, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use clients::quota_day::QuotaDay;
use clients::youtube::{ApiError, ErrorKind};

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
        let abandoned = Change::to(State::Scheduled, None).ending(SessionOutcome::Abandoned);
        if work.is_cancelled() {
            return Err(self.cancel(work, Reason::CancelledByUser, abandoned).await);
        }
        self.store(work, abandoned).await.map(Some)
    }

    async fn wait_for_last_piece(
        &self,
        work: &Work,
        session: &UploadSession,
    ) -> Result<(), Outcome> {
        let waited = work.session.as_ref().filter(|session| session.searches > 0);
        let waiting_since = waited.and_then(|session| session.last_search_at);
        let left = match waiting_since {
            None => {
                self.store(work, Change::default().searched(session))
                    .await?;
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

/// The channel accepts no more uploads for this long.
const CHANNEL_LIMIT: SignedDuration = SignedDuration::from_hours(24);

impl Flow<'_> {
    /// No session was opened.
    pub(super) async fn on_start_error(&self, work: &Work, error: CallError) -> Outcome {
        let CallError::YouTube(error) = error else {
            return self.on_call_error(work, error).await;
        };
        let note = StepError::new(error.code(), error.to_string());
        let kind = error.kind();
        if let Some((reason, until)) = kind.and_then(|kind| wait(kind, work.now)) {
            let change = Change::to(State::Scheduled, reason).error(note);
            return self.wait_until(work, until, change, reason.as_str()).await;
        }
        if kind == Some(ErrorKind::Invalid) {
            let reason = Reason::MetadataRejected;
            return self.needs_attention_after(work, reason, note).await;
        }
        self.on_youtube_error(work, &error).await
    }

    /// The final refusal of a session. It has made no video: YouTube repeats a failure as it repeats a success.
    pub(super) async fn on_session_error(&self, work: &Work, error: ApiError) -> Outcome {
        let note = StepError::new(&error.reason, error.to_string());
        // When the day or the permission is the trouble, not the session, it is asked again later.
        let session_outcome = match error.kind {
            ErrorKind::DailyQuota | ErrorKind::ScopeMissing | ErrorKind::AccountBroken => None,
            _ => Some(SessionOutcome::Refused),
        };
        if let Some((reason, until)) = wait(error.kind, work.now) {
            let change = Change::to(State::Scheduled, reason)
                .error(note)
                .ending(session_outcome);
            return self.wait_until(work, until, change, reason.as_str()).await;
        }
        let reason = match error.kind {
            ErrorKind::Invalid => Reason::MetadataRejected,
            kind => reason_of_refusal(kind),
        };
        let change = Change::to(State::NeedsAttention, reason).error(note);
        self.end(work, change.ending(session_outcome)).await
    }
}

/// Until when an upload waits that YouTube refused for its number, and why.
fn wait(kind: ErrorKind, now: Timestamp) -> Option<(Reason, Timestamp)> {
    match kind {
        ErrorKind::DailyQuota => Some((Reason::UploadQuotaUsedUp, QuotaDay::of(now).end())),
        ErrorKind::UploadLimit => Some((Reason::ChannelUploadLimit, now + CHANNEL_LIMIT)),
        _ => None,
    }
}
