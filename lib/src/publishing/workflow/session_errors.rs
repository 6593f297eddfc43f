//! What YouTube's refusal of an upload asks for, before a session is there and in one.

use jiff::{SignedDuration, Timestamp};

use super::change::{Change, SessionOutcome};
use super::flow::{Flow, Next, snooze_until};
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
    pub(super) async fn on_start_error(&self, work: &Work, error: &CallError) -> Outcome {
        let CallError::YouTube(error) = error else {
            return self.on_call_error(work, error).await;
        };
        let note = StepError::new(error.code(), error.to_string());
        match error.kind() {
            Some(ErrorKind::DailyQuota) => {
                let (reason, until) = (Reason::UploadQuotaUsedUp, QuotaDay::of(work.now).end());
                self.back_to_schedule(work, reason, until, note, None).await
            }
            Some(ErrorKind::UploadLimit) => {
                let (reason, until) = (Reason::ChannelUploadLimit, work.now + CHANNEL_LIMIT);
                self.back_to_schedule(work, reason, until, note, None).await
            }
            Some(ErrorKind::Invalid) => {
                self.needs_attention_after(work, Reason::MetadataRejected, note)
                    .await
            }
            _ => self.on_youtube_error(work, error).await,
        }
    }

    /// The final refusal of a session. It has made no video: YouTube repeats a failure as it repeats a success.
    pub(super) async fn on_session_error(&self, work: &Work, error: ApiError) -> Next {
        let note = StepError::new(&error.reason, error.to_string());
        let refused = Some(SessionOutcome::Refused);
        let (reason, session_outcome) = match error.kind {
            // The day or the permission is the trouble, not the session: it is asked again later.
            ErrorKind::DailyQuota => {
                let (reason, until) = (Reason::UploadQuotaUsedUp, QuotaDay::of(work.now).end());
                return Err(self.back_to_schedule(work, reason, until, note, None).await);
            }
            ErrorKind::ScopeMissing | ErrorKind::AccountBroken => {
                (reason_of_refusal(error.kind), None)
            }
            ErrorKind::UploadLimit => {
                let (reason, until) = (Reason::ChannelUploadLimit, work.now + CHANNEL_LIMIT);
                return Err(self
                    .back_to_schedule(work, reason, until, note, refused)
                    .await);
            }
            ErrorKind::Invalid => (Reason::MetadataRejected, refused),
            kind => (reason_of_refusal(kind), refused),
        };
        let change = Change {
            session_outcome,
            ..Change::to(State::NeedsAttention, reason).error(note)
        };
        self.store(work, change).await
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
        match self.store(work, change).await {
            Ok(work) => snooze_until(&work, until, reason.as_str()),
            Err(outcome) => outcome,
        }
    }
}
