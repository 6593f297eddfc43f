//! What the database knows of an upload, and a change of it, as its functions tell and take them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::channels::{ChannelState, Disconnection};
use crate::pipeline::StepError;
use crate::publishing::state::{Reason, UploadState};
use crate::publishing::upload::{Intent, Upload};
use crate::quota::Purpose;
use clients::google_oauth::Features;
use clients::quota_day::QuotaDay;
use platform::{clock, ids::ChannelId};

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
    /// Recognised by its time alone: somebody has to watch it first.
    Unconfirmed,
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
    ended_at: Option<Timestamp>,
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

    /// Whether its video is to be hidden even when it is public: it was cancelled, and YouTube published it at its time
    /// before it could be withdrawn. One that its owner made public by hand stays.
    pub(super) fn is_to_be_hidden(&self) -> bool {
        let slot = self
            .upload
            .youtube_publish_at
            .unwrap_or(self.upload.publish_at);
        self.is_cancelled() && self.now >= slot
    }

    /// Why nothing can be done on the channel, if it is not connected. One that is being erased is still needed to withdraw
    /// its videos.
    pub(super) fn disconnected(&self) -> Option<Reason> {
        let is_usable = match self.channel.state {
            ChannelState::Connected => true,
            ChannelState::Erasing => self.is_cancelled(),
            _ => false,
        };
        (!is_usable).then(|| reason_of(self.channel.state_reason))
    }

    /// What its calls are for.
    pub(super) fn purpose(&self) -> Purpose {
        let times = [Some(self.upload.publish_at), self.upload.youtube_publish_at];
        let today = QuotaDay::of(self.now).end();
        if self.is_cancelled() {
            Purpose::Withdrawal
        } else if times.into_iter().flatten().any(|at| at < today) {
            Purpose::Due
        } else {
            Purpose::Ordinary
        }
    }

    pub(super) fn open_session(&self) -> Option<&UploadSession> {
        self.session
            .as_ref()
            .filter(|session| session.ended_at.is_none())
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
    /// Tells the user that YouTube has not confirmed a withdrawal.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) notice: bool,
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

    /// Makes the upload public.
    pub(super) fn published(reason: Reason, at: Timestamp) -> Self {
        Self {
            published_at: Some(at),
            ..Self::to(UploadState::Published, reason)
        }
    }

    /// YouTube was told this publish time, or none.
    pub(super) fn told(publish_at: Option<Timestamp>) -> Self {
        Self {
            youtube_publish_at: Some(publish_at),
            ..Self::default()
        }
    }

    /// The user is told that YouTube has not confirmed a withdrawal.
    pub(super) fn notice(mut self) -> Self {
        self.notice = true;
        self
    }

    /// The channel was searched for the session's video, or its last piece is waited for.
    pub(super) fn searched(mut self, session: &UploadSession) -> Self {
        self.searched = Some(session.id);
        self
    }

    /// The open session ends.
    pub(super) fn ending(mut self, outcome: impl Into<Option<SessionOutcome>>) -> Self {
        self.session_outcome = outcome.into();
        self
    }

    /// It goes on by itself at this time.
    pub(super) fn until(mut self, next_attempt_at: Timestamp) -> Self {
        self.next_attempt_at = Some(Some(next_attempt_at));
        self
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
mod tests;
