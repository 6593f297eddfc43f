//! What the database knows of an upload, as its functions tell it.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::channels::{ChannelState, Disconnection};
use crate::publishing::reason::Reason;
use crate::publishing::upload::{Intent, Upload};
use clients::google_oauth::Features;
use platform::ids::ChannelId;

/// Everything the database knows of the upload.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Work {
    pub(super) upload: Upload,
    pub(super) now: Timestamp,
    pub(super) channel: Channel,
    pub(super) render: Readiness,
    /// The newest session.
    pub(super) session: Option<UploadSession>,
}

/// All that publishing needs to know of a render.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Readiness {
    Ready,
    Running,
    Failed,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
    state: ChannelState,
    state_reason: Option<Disconnection>,
    pub(super) features: Features,
    pub(super) uploads_playlist_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct UploadSession {
    pub(super) id: Uuid,
    /// Sealed; none when the session has ended.
    pub(super) session_uri: Option<String>,
    /// The publish time it was opened with.
    pub(super) publish_at: Option<Timestamp>,
    pub(super) bytes_total: u64,
    pub(super) bytes_sent: u64,
    pub(super) source_sha256: Option<String>,
    /// How often the channel was searched without a result; of an open session, whether its end is being waited for.
    #[serde(rename = "looks")]
    pub(super) searches: u32,
    #[serde(rename = "last_look_at")]
    pub(super) last_search_at: Option<Timestamp>,
    pub(super) opened_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
}

/// The answer to a request for the channel's turn and for one upload of the day's quota.
#[derive(Deserialize)]
pub(super) struct Turn {
    pub(super) turn: bool,
    pub(super) quota: Option<Quota>,
    pub(super) work: Work,
}

#[derive(Deserialize)]
pub(super) struct Quota {
    pub(super) reservation: Option<Uuid>,
}

impl Work {
    /// Whether its user has cancelled it, so that what is on YouTube stays private.
    pub(super) fn is_cancelled(&self) -> bool {
        self.upload.intent == Intent::KeepPrivate
    }

    pub(super) fn open_session(&self) -> Option<&UploadSession> {
        self.session
            .as_ref()
            .filter(|session| session.ended_at.is_none())
    }
}

impl Channel {
    /// Why nothing can be done on the channel, if it is not connected.
    pub(super) fn disconnected(&self) -> Option<Reason> {
        (self.state != ChannelState::Connected).then(|| reason_of(self.state_reason))
    }
}

/// The upload's reason for a channel that was disconnected.
pub(super) fn reason_of(disconnection: Option<Disconnection>) -> Reason {
    match disconnection {
        Some(Disconnection::GrantRevoked) => Reason::GrantRevoked,
        Some(Disconnection::SessionControl | Disconnection::Erasing) | None => {
            Reason::ChannelDisconnected
        }
    }
}
