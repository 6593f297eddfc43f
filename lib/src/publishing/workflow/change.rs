//! A change of an upload, as `engine.advance_upload` takes it: what is left out stays as it is.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::pipeline::StepError;
use crate::publishing::reason::Reason;
use crate::publishing::state::UploadState;
use platform::clock;

/// Of an option in an option the inner one is the new value: none clears the column.
#[derive(Debug, Default, Serialize)]
pub(super) struct Change {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<UploadState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Option<Reason>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Option<StoredError>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_attempt_at: Option<Option<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) youtube_publish_at: Option<Option<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) publish_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) published_at: Option<Timestamp>,
    /// Ends the open session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session_outcome: Option<SessionOutcome>,
    /// The session that is gone has certainly made no video.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) session_settled: bool,
    /// Counts a search for this session's video, or the beginning of the wait for its last piece.
    #[serde(rename = "looked", skip_serializing_if = "Option::is_none")]
    pub(super) searched: Option<Uuid>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionOutcome {
    /// It no longer answers; there may be a video.
    Gone,
    /// YouTube refused the upload.
    Refused,
    /// We left it, incomplete.
    Abandoned,
}

#[derive(Debug, Serialize)]
pub(super) struct StoredError {
    code: String,
    message: String,
    at: Timestamp,
}

impl From<StepError> for StoredError {
    fn from(error: StepError) -> Self {
        Self {
            code: error.code,
            message: error.message,
            at: clock::now(),
        }
    }
}

impl Change {
    /// Moves the upload to a state, for a reason or for none.
    pub(super) fn to(state: UploadState, reason: impl Into<Option<Reason>>) -> Self {
        Self {
            state: Some(state),
            reason: Some(reason.into()),
            ..Self::default()
        }
    }

    /// Leaves the upload in its state, for a reason.
    pub(super) fn reason(reason: Reason) -> Self {
        Self {
            reason: Some(Some(reason)),
            ..Self::default()
        }
    }

    pub(super) fn error(mut self, error: StepError) -> Self {
        self.error = Some(Some(error.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changes_is_named() {
        let written = |change: Change| serde_json::to_value(change).unwrap();
        assert_eq!(written(Change::default()), json!({}));
        assert_eq!(
            written(Change::to(UploadState::Scheduled, None)),
            json!({ "state": "scheduled", "reason": null })
        );
        let lost = Change {
            session_outcome: Some(SessionOutcome::Gone),
            ..Change::to(UploadState::OutcomeUnknown, Reason::Reconciling)
        };
        assert_eq!(
            written(lost),
            json!({ "state": "outcome_unknown", "reason": "reconciling", "session_outcome": "gone" })
        );
        let searched = Change {
            searched: Some(Uuid::nil()),
            session_settled: true,
            youtube_publish_at: Some(None),
            ..Change::default()
        };
        assert_eq!(
            written(searched),
            json!({ "looked": Uuid::nil(), "session_settled": true, "youtube_publish_at": null })
        );
    }
}
