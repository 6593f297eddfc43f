//! What YouTube's refusal of an upload asks for, before a session is there and in one.

use jiff::{SignedDuration, Timestamp};

use super::change::{Change, SessionOutcome};
use super::flow::{Flow, snooze_until};
use super::work::Work;
use super::youtube::reason_of_refusal;
use crate::channels::access::CallError;
use crate::pipeline::{Outcome, StepError};
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState as State;
use clients::quota_day::QuotaDay;
use clients::youtube::{ApiError, ErrorKind};

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
            return self.back_to_schedule(work, reason, until, note, None).await;
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
            return self
                .back_to_schedule(work, reason, until, note, session_outcome)
                .await;
        }
        let reason = match error.kind {
            ErrorKind::Invalid => Reason::MetadataRejected,
            kind => reason_of_refusal(kind),
        };
        let change = Change {
            session_outcome,
            ..Change::to(State::NeedsAttention, reason).error(note)
        };
        self.end(work, change).await
    }

    async fn back_to_schedule(
        &self,
        work: &Work,
        reason: Reason,
        until: Timestamp,
        error: StepError,
        session_outcome: Option<SessionOutcome>,
    ) -> Outcome {
        let change = Change {
            next_attempt_at: Some(Some(until)),
            session_outcome,
            ..Change::to(State::Scheduled, reason).error(error)
        };
        let wait = |work: &Work| snooze_until(work, until, reason.as_str());
        self.store_then(work, change, wait).await
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
