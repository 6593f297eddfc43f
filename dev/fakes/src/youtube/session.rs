//! A resumable upload session.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{settings::Settings, video::Video};
use crate::{
    clock::rfc3339,
    digest::{hex, short_id},
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) channel: String,
    pub(super) parts: Vec<String>,
    /// What the video will be.
    pub(super) draft: Video,
    pub(super) total: Option<u64>,
    pub(super) received: u64,
    pub(super) created_at: Timestamp,
    /// The final response, repeated to whoever asks again.
    pub(super) outcome: Option<(u16, Value)>,
    pub(super) video_id: Option<String>,
    pub(super) expired: bool,
    pub(super) writers: u32,
    pub(super) chunks: u32,
    pub(super) status_queries: u32,
    #[serde(skip)]
    pub(super) hash: RunningHash,
}

impl Session {
    /// A session to which nothing was sent yet.
    pub(super) fn new(id: String, account: &str, channel: &str, draft: Video) -> Self {
        Self {
            id,
            account: account.to_owned(),
            channel: channel.to_owned(),
            parts: Vec::new(),
            created_at: draft.uploaded_at,
            draft,
            total: None,
            received: 0,
            outcome: None,
            video_id: None,
            expired: false,
            writers: 0,
            chunks: 0,
            status_queries: 0,
            hash: RunningHash::new(),
        }
    }

    /// What is shown of it: everything but the id, which its URI would give away.
    pub(super) fn summary(&self, now: Timestamp, settings: &Settings) -> Value {
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

    pub(super) fn is_gone(&self, now: Timestamp, settings: &Settings) -> bool {
        self.expired
            || now.duration_since(self.created_at).as_secs() >= settings.session_seconds
            || (self.outcome.is_some() && settings.forget_completed_sessions)
    }
}

/// A name of a session by which nobody can write to it.
pub(super) fn shown_id(id: &str) -> String {
    short_id(&["shown", id], 12)
}

/// A running SHA-256 digest; not kept between two runs of the stand-in.
#[derive(Clone, Default)]
pub(crate) struct RunningHash(Option<Context>);

impl RunningHash {
    fn new() -> Self {
        Self(Some(Context::new(&SHA256)))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some(context) = &mut self.0 {
            context.update(bytes);
        }
    }

    pub(super) fn finish(self) -> Option<String> {
        Some(hex(self.0?.finish().as_ref()))
    }
}

impl std::fmt::Debug for RunningHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RunningHash")
    }
}
