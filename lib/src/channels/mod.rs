//! Connected YouTube channels: the unit of ownership and sharing.

pub mod access;
pub mod connect;
pub mod erase;
pub mod landing;
pub mod settings;
pub mod sync;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::publishing::slots::WeeklySlot;
use clients::google_oauth::Features;
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Idempotency, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, UserId};

pub use settings::{BrandVoice, ChannelChanges};

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

/// Something the user should do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attention {
    /// Stable slug.
    pub code: &'static str,
    /// What is the matter and what to do.
    pub message: String,
}

impl Channel {
    /// Adds what the user should do about this channel.
    fn with_attention(mut self) -> Self {
        self.attention = self.needs();
        self
    }

    fn needs(&self) -> Vec<Attention> {
        let mut needs = Vec::new();
        let purge = self.purge_at.map(|at| at.to_zoned(TimeZone::UTC).date());
        if self.state == ChannelState::Disconnected {
            let why = match self.state_reason {
                Some(Disconnection::SessionControl) => {
                    "Your Workspace administrator's session rules ended the permission."
                }
                _ => {
                    "Google no longer accepts the permission: it was withdrawn, or not used for six months, or the Google project is still in testing, where permissions end after seven days."
                }
            };
            let what = match purge {
                Some(day) => format!(
                    "Connect the channel again before {day} and its history and settings are kept; YouTube's rules want them erased then."
                ),
                None => "Connect the channel again; its history and settings are kept.".into(),
            };
            needs.push(Attention {
                code: "reconnect",
                message: format!("{why} {what}"),
            });
        }
        if let (ChannelState::Connected, Some(day)) = (self.state, purge) {
            needs.push(Attention {
                code: "purge_pending",
                message: format!(
                    "Google has not confirmed the permission for three weeks. Unless it does, everything stored about the channel is erased on {day}. Connect the channel again."
                ),
            });
        }
        if self.state == ChannelState::Connected {
            for feature in self.features.missing() {
                let (code, message) = match feature {
                    "read" => (
                        "permission_read_missing",
                        "Permission to view the channel was not given, so nothing can be synchronised or scored. Connect it again and leave every box ticked.",
                    ),
                    "upload" => (
                        "permission_upload_missing",
                        "Permission to upload was not given, so nothing can be published here. Connect it again and leave every box ticked.",
                    ),
                    "manage" => (
                        "permission_manage_missing",
                        "Permission to manage videos was not given, so a video that was uploaded ahead cannot be moved, published or withdrawn. Connect it again and leave every box ticked.",
                    ),
                    _ => (
                        "permission_analytics_missing",
                        "Permission to view Analytics was not given, so formats and past curves are unknown and videos cannot be scored. Connect it again and leave every box ticked.",
                    ),
                };
                needs.push(Attention {
                    code,
                    message: message.into(),
                });
            }
        }
        match (self.sync.state, self.sync.reason.as_deref()) {
            (SyncState::Waiting, Some("quota_exhausted")) => needs.push(Attention {
                code: "quota_exhausted",
                message: "YouTube's daily allowance is used up. The synchronisation goes on by itself after midnight in Los Angeles.".into(),
            }),
            (SyncState::Failed, _) if self.state == ChannelState::Connected => needs.push(Attention {
                code: "sync_failed",
                message: "The last synchronisation failed. It is tried again by itself; to try at once, ask for one.".into(),
            }),
            _ => {}
        }
        needs
    }
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
    let mut query = db
        .from("channels")
        .select("*")
        .order("created_at.asc,id.asc")
        .limit(limit.0 + 1);
    if let Some(cursor) = cursor {
        let (at, id): (Timestamp, ChannelId) = decode_cursor(cursor)?;
        query = query.or(&format!(
            "created_at.gt.{at},and(created_at.eq.{at},id.gt.{id})"
        ));
    }
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

/// Changes settings; fields that are absent stay.
///
/// # Errors
///
/// The field that is not acceptable, a role that is too low, a version that is not the newest.
pub async fn update(
    engine: &Db,
    user: UserId,
    id: ChannelId,
    version: Option<i64>,
    changes: &ChannelChanges,
) -> Result<Channel, Problem> {
    changes.check()?;
    let channel: Channel = engine
        .call(
            "update_channel",
            &serde_json::json!({"p_user": user, "p_channel": id, "p_version": version, "p_changes": changes}),
        )
        .await?;
    Ok(channel.with_attention())
}

/// Asks for a synchronisation now.
///
/// # Errors
///
/// [`Kind::ChannelDisconnected`](platform::endpoint::Kind::ChannelDisconnected) and roles that are too low.
pub async fn request_sync(
    engine: &Db,
    user: UserId,
    id: ChannelId,
    idempotency: Option<&Idempotency>,
) -> Result<Channel, Problem> {
    let channel: Channel = engine
        .call(
            "request_sync",
            &serde_json::json!({"p_user": user, "p_channel": id, "p_idempotency": idempotency}),
        )
        .await?;
    Ok(channel.with_attention())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn channel(state: &str, features: serde_json::Value, sync: serde_json::Value) -> Channel {
        let reason = (state != "connected").then_some("grant_revoked");
        let row = json!({
            "id": "5a2b1c7e-0000-4000-8000-000000000001", "youtube_channel_id": "UC1", "title": "T", "handle": null,
            "thumbnail_url": null, "uploads_playlist_id": "UU1", "subscriber_count": null, "time_zone": "UTC",
            "posting_slots": [{"weekday": 2, "time": "18:00"}], "minimum_gap_minutes": 60, "brand_voice": {},
            "brand_voice_version": 1, "banned_topics": [], "state": state, "state_reason": reason, "features": features,
            "sync": sync, "last_synced_at": null, "version": 3, "created_at": "2026-11-22T10:00:00.123456+00:00",
            "updated_at": "2026-11-22T10:00:00+00:00"
        });
        serde_json::from_value::<Channel>(row)
            .unwrap()
            .with_attention()
    }

    #[test]
    fn a_new_row_is_read_with_its_defaults() {
        let channel = channel("connected", json!({}), json!({}));
        assert_eq!(channel.sync.state, SyncState::Never);
        assert_eq!(channel.attention.len(), 4);
        assert!(!channel.features.read);
    }

    #[test]
    fn a_withdrawn_permission_says_what_to_do() {
        let all = json!({"read": true, "upload": true, "manage": true, "analytics": true});
        let channel = channel(
            "disconnected",
            all.clone(),
            json!({"state": "failed", "reason": "grant_revoked"}),
        );
        assert_eq!(channel.attention.len(), 1);
        assert_eq!(channel.attention[0].code, "reconnect");
        let waiting = self::channel(
            "connected",
            all,
            json!({"state": "waiting", "reason": "quota_exhausted", "retry_at": "2026-11-23T08:00:00+00:00"}),
        );
        assert_eq!(waiting.attention[0].code, "quota_exhausted");
    }
}
