//! A channel as its members see it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::brand_voice::BrandVoice;
use super::sync_progress::SyncProgress;
use crate::slots::WeeklySlot;
use clients::google_oauth::Features;
use platform::ids::ChannelId;

/// A connected channel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    /// Our id.
    pub id: ChannelId,
    /// YouTube's id.
    pub youtube_channel_id: String,
    /// Title, as on YouTube.
    pub title: String,
    /// Handle with its `@`.
    pub handle: Option<String>,
    /// Picture.
    pub thumbnail_url: Option<String>,
    /// Subscribers, rounded by YouTube; null when hidden.
    pub subscriber_count: Option<i64>,
    /// IANA time zone of the channel's slots.
    pub time_zone: String,
    /// Weekly posting slots, in the channel's zone.
    pub posting_slots: Vec<WeeklySlot>,
    /// Least minutes between two publications.
    pub minimum_gap_minutes: i32,
    /// How the channel speaks.
    pub brand_voice: BrandVoice,
    /// Grows with every change of the brand voice.
    pub brand_voice_version: i32,
    /// What no text may touch.
    pub banned_topics: Vec<String>,
    /// Whether Google still lets us in.
    pub state: ChannelState,
    /// Why it is not connected; null while it is.
    pub state_reason: Option<Disconnection>,
    /// What the granted permissions allow.
    pub features: Features,
    /// How far the catalogue's synchronisation has come.
    pub sync: SyncProgress,
    /// When a synchronisation last ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_synced_at: Option<Timestamp>,
    /// When everything stored about it is erased unless Google confirms its permission before: YouTube's rules give thirty
    /// days. Null while there is nothing to fear.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default)]
    pub purge_at: Option<Timestamp>,
    /// What the user should do, most urgent first; empty when all is well.
    #[serde(default, skip_deserializing)]
    pub attention: Vec<Attention>,
    /// Counts edits; the `ETag`.
    pub version: i64,
    /// When it was first connected.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When anything about it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Whether Google still lets us in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// All is well.
    Connected,
    /// Google no longer accepts the permission; only a new consent helps.
    Disconnected,
    /// On its way out, with everything stored about it.
    Erasing,
}

/// Why a channel is not connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disconnection {
    /// The permission was withdrawn or has expired.
    GrantRevoked,
    /// The session rules of a Workspace ended the permission.
    SessionControl,
    /// It is being erased.
    Erasing,
}

/// Something the user should do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attention {
    /// Stable slug.
    pub code: &'static str,
    /// What is the matter and what to do.
    pub message: String,
}
