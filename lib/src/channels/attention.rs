//! What the user should do about a channel.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::channel::{Attention, Channel, ChannelState, Disconnection, SyncProgress, SyncState};

impl Channel {
    /// Adds what the user should do about this channel.
    pub(crate) fn with_attention(mut self) -> Self {
        let purge = self.purge_at.map(|at| at.to_zoned(TimeZone::UTC).date());
        self.attention = match self.state {
            ChannelState::Connected => {
                let missing = self.features.missing().into_iter().map(permission_missing);
                purge
                    .map(purge_pending)
                    .into_iter()
                    .chain(missing)
                    .collect()
            }
            ChannelState::Disconnected => vec![reconnect(self.state_reason, purge)],
            ChannelState::Erasing => Vec::new(),
        };
        self.attention
            .extend(sync_attention(&self.sync, self.state));
        self.attention.extend(formats_unknown(&self.sync));
        self
    }
}

fn needed(code: &'static str, message: impl Into<String>) -> Attention {
    Attention {
        code: code.into(),
        message: message.into(),
    }
}

fn reconnect(reason: Option<Disconnection>, purge: Option<Date>) -> Attention {
    let why = match reason {
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
    needed("reconnect", format!("{why} {what}"))
}

fn purge_pending(day: Date) -> Attention {
    needed(
        "purge_pending",
        format!(
            "Google has not confirmed the permission for three weeks. Unless it does, everything stored about the channel is erased on {day}. Connect the channel again."
        ),
    )
}

fn permission_missing(feature: &'static str) -> Attention {
    let (code, lost) = match feature {
        "read" => (
            "permission_read_missing",
            "Permission to view the channel was not given, so nothing can be synchronised or scored.",
        ),
        "upload" => (
            "permission_upload_missing",
            "Permission to upload was not given, so nothing can be published here.",
        ),
        "manage" => (
            "permission_manage_missing",
            "Permission to manage videos was not given, so a video that was uploaded ahead cannot be moved, published or withdrawn.",
        ),
        _ => (
            "permission_analytics_missing",
            "Permission to view Analytics was not given, so formats and past curves are unknown and videos cannot be scored.",
        ),
    };
    needed(
        code,
        format!("{lost} Connect it again and leave every box ticked."),
    )
}

fn sync_attention(sync: &SyncProgress, channel: ChannelState) -> Option<Attention> {
    match (sync.state, sync.reason.as_deref()) {
        (SyncState::Waiting, Some("quota_exhausted")) => Some(needed(
            "quota_exhausted",
            "YouTube's daily allowance is used up. The synchronisation goes on by itself after midnight in Los Angeles.",
        )),
        (SyncState::Failed, _) if channel == ChannelState::Connected => Some(needed(
            "sync_failed",
            "The last synchronisation failed. It is tried again by itself; to try at once, ask for one.",
        )),
        _ => None,
    }
}

fn formats_unknown(sync: &SyncProgress) -> Option<Attention> {
    sync.formats_reason.as_ref()?;
    let message = format!(
        "YouTube Analytics does not tell which of {} videos are Shorts, so they have no score. It is asked again every day.",
        sync.formats_unknown
    );
    Some(needed("formats_unknown", message))
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
