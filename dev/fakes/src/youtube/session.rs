//! A resumable upload session.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::Settings;
use super::video::Video;
use crate::{hex, rfc3339, short_id};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) channel: String,
    pub(crate) parts: Vec<String>,
    /// What the video will be.
    pub(crate) draft: Video,
    pub(crate) total: Option<u64>,
    pub(crate) received: u64,
    pub(crate) created_at: Timestamp,
    /// The final response, repeated to whoever asks again.
    pub(crate) outcome: Option<(u16, Value)>,
    pub(crate) video_id: Option<String>,
    pub(crate) expired: bool,
    pub(crate) writers: u32,
    pub(crate) chunks: u32,
    pub(crate) status_queries: u32,
    #[serde(skip)]
    pub(crate) hash: RunningHash,
}

impl Session {
    /// What is shown of it: everything but the id, which its URI would give away.
    pub(crate) fn summary(&self, now: Timestamp, settings: &Settings) -> Value {
        let state = match &self.outcome {
            Some((..300, _)) => "completed",
            Some(_) => "failed",
            None if self.is_gone(now, settings) => "expired",
            None => "open",
        };
        json!({
            "session": shown_id(&self.id), "account": self.account, "channel_id": self.channel, "title": self.draft.title,
            "total": self.total, "received": self.received, "state": state, "video_id": self.video_id, "created_at": rfc3339(self.created_at),
            "chunks": self.chunks, "status_queries": self.status_queries,
        })
    }

    pub(crate) fn is_gone(&self, now: Timestamp, settings: &Settings) -> bool {
        self.expired
            || now.duration_since(self.created_at).as_secs() >= settings.session_seconds
            || (self.outcome.is_some() && settings.forget_completed_sessions)
    }
}

/// A name of a session by which nobody can write to it.
pub(crate) fn shown_id(id: &str) -> String {
    short_id(&["shown", id], 12)
}

/// A running SHA-256 digest; not kept between two runs of the stand-in.
#[derive(Clone, Default)]
pub(crate) struct RunningHash(Option<Context>);

impl RunningHash {
    pub(crate) fn new() -> Self {
        Self(Some(Context::new(&SHA256)))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(context) = &mut self.0 {
            context.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Option<String> {
        Some(hex(self.0?.finish().as_ref()))
    }
}

impl std::fmt::Debug for RunningHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RunningHash")
    }
}
