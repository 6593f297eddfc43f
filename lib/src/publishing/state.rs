//! The states of an upload. Which may follow which is said and decided by `private.upload_successors` in the database.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the publication of a video has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// Waits for its render, its channel or for quota.
    Scheduled,
    /// Has its turn: the file is checked and the session is opened.
    Preparing,
    /// A session is stored; bytes may be on their way.
    Uploading,
    /// YouTube has all bytes and works on them.
    Processing,
    /// On YouTube as private, to be published by YouTube at its time.
    OnYoutube,
    /// Public.
    Published,
    /// Stands still until somebody does what the reason says.
    NeedsAttention,
    /// The session no longer answers: only a search of the channel tells whether there is a video.
    OutcomeUnknown,
    /// Called off by a user.
    Cancelled,
    /// Ended for good without a public video.
    Failed,
}

impl UploadState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Scheduled,
        Self::Preparing,
        Self::Uploading,
        Self::Processing,
        Self::OnYoutube,
        Self::Published,
        Self::NeedsAttention,
        Self::OutcomeUnknown,
        Self::Cancelled,
        Self::Failed,
    ];

    /// As it is written in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Preparing => "preparing",
            Self::Uploading => "uploading",
            Self::Processing => "processing",
            Self::OnYoutube => "on_youtube",
            Self::Published => "published",
            Self::NeedsAttention => "needs_attention",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Published | Self::Cancelled | Self::Failed)
    }
}

impl fmt::Display for UploadState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_written_as_they_are_named() {
        for state in UploadState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
