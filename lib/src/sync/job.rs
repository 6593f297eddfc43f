//! What the database wants done next, and what is left of it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::pipeline::Outcome;

/// A phase of a pass, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Identity,
    Catalogue,
    Verify,
    Counters,
    Formats,
    Curves,
    /// No pass is due.
    Idle,
    /// The channel is not to be synchronised.
    Stopped,
    #[serde(other)]
    Unknown,
}

/// What a pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PassKind {
    /// The whole catalogue.
    Full,
    /// Its newest videos and all counters.
    Refresh,
    /// The counters of videos that reached an age of the scoring model.
    Checkpoints,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Job {
    pub(super) phase: Phase,
    #[serde(default)]
    pub(super) kind: Option<PassKind>,
    /// The page of the catalogue to go on with.
    #[serde(default)]
    pub(super) page_token: Option<String>,
    #[serde(default)]
    pub(super) youtube_channel_id: String,
    #[serde(default)]
    pub(super) uploads_playlist_id: Option<String>,
    #[serde(default)]
    next_in_seconds: Option<u64>,
    /// Why it is stopped.
    #[serde(default)]
    pub(super) reason: Option<String>,
}

impl Job {
    /// When the next pass is due: a video reaches an age of the scoring model, or a refresh is.
    pub(super) fn next_pass(&self) -> Outcome {
        Outcome::Continue {
            after: Duration::from_secs(self.next_in_seconds.unwrap_or(3600)),
            reason: "scheduled",
        }
    }
}

/// A video that the phase has still to do.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pending {
    pub(super) id: Uuid,
    pub(super) youtube_video_id: String,
    pub(super) published_at: Option<Timestamp>,
}

/// How a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Complete,
    OutOfTime,
}
