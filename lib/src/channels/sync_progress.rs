//! How far a channel's synchronisation has come.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the catalogue's synchronisation has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SyncProgress {
    /// `never`, `queued`, `running`, `waiting`, `idle`, `failed`.
    pub state: SyncState,
    /// What it is at: `identity`, `catalogue`, `verify`, `counters`, `formats`, `curves`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Videos that YouTube says there are.
    pub videos_found: i64,
    /// Videos that are stored.
    pub videos_synced: i64,
    /// Why it waits or failed: `quota_exhausted`, `youtube_unavailable`, `grant_revoked`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// When this pass began.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the last pass ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Last day that Analytics had processed; it lags two to three days.
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_through: Option<jiff::civil::Date>,
}

/// Where the synchronisation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// No pass was ever asked for.
    #[default]
    Never,
    /// About to start.
    Queued,
    /// At work.
    Running,
    /// Waiting, for the reason given, until `retry_at`.
    Waiting,
    /// Up to date.
    Idle,
    /// Given up for now, for the reason given.
    Failed,
}
