//! A channel as its members see it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::brand_voice::BrandVoice;
use crate::slots::WeeklySlot;
use clients::google_oauth::Features;
use platform::db::{Db, Fetch as _, keyset};
use platform::endpoint::{Page, PageSize, Problem};
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
    pub last_synced_at: Option<Timestamp>,
    /// When everything stored about it is erased unless Google confirms its permission before: YouTube's rules give thirty
    /// days. Null while there is nothing to fear.
    pub purge_at: Option<Timestamp>,
    /// What the user should do, most urgent first; empty when all is well.
    #[serde(default)]
    #[schema(required = true)]
    pub attention: Vec<Attention>,
    /// Counts edits; what the `ETag` names.
    pub version: i64,
    /// When it was first connected.
    pub created_at: Timestamp,
    /// When anything about it last changed.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attention {
    /// Stable slug.
    #[schema(value_type = String)]
    pub code: Cow<'static, str>,
    /// What is the matter and what to do.
    pub message: String,
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// When this pass began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the last pass ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Last day that Analytics had processed; it lags two to three days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_through: Option<Date>,
    /// Videos whose format Analytics should have told by now and did not; without it a video has no score.
    pub formats_unknown: i64,
    /// Why they are unknown: `refused` or `not_told` by Analytics; absent while all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formats_reason: Option<String>,
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

/// One page of the caller's channels, oldest connection first.
///
/// # Errors
///
/// As any read.
pub async fn list(
    db: &Db,
    cursor: Option<&str>,
    limit: PageSize,
) -> Result<Page<Channel>, Problem> {
    let query = db.from("channels").select("*");
    let query = keyset::ascending(query, "created_at", cursor, limit)?;
    let rows = query.rows::<Channel>().await?;
    let rows = rows.into_iter().map(Channel::with_attention).collect();
    Ok(Page::cut(rows, limit.0, |channel: &Channel| {
        (channel.created_at, channel.id)
    }))
}

/// One channel that the caller may see.
///
/// # Errors
///
/// [`Kind::NotFound`](platform::endpoint::Kind::NotFound).
pub async fn get(db: &Db, id: ChannelId) -> Result<Channel, Problem> {
    let channel: Channel = db.from("channels").select("*").eq("id", id).one().await?;
    Ok(channel.with_attention())
}
