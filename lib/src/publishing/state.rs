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

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Published | Self::Cancelled | Self::Failed)
    }
}

/// As it is written in the database and in the API.
impl fmt::Display for UploadState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}
