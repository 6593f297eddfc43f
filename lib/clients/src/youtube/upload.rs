//! Resumable upload: open a session, send pieces, ask how far it has come.
//!
//! YouTube knows no idempotency key, so nothing here is ever repeated blindly. What comes back from a session is an
//! [`Outcome`]; on any doubt the session is asked ([`YouTube::ask_session`]) before another byte is sent, and the next
//! offset is taken from its answer, never from our own arithmetic.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use http::header;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{AccessToken, Error, SERVICE, YouTube, session::location};
use crate::transport::{CallPolicy, DecodeError};

pub use super::session::{Outcome, SessionUri};

/// Every piece but the last is a multiple of this many bytes.
pub const GRANULE: u64 = 262_144;

/// Longest time for one piece.
const PIECE_TIMEOUT: Duration = Duration::from_secs(120);

/// What a new video is told to be.
#[derive(Clone, Debug)]
pub struct NewVideo<'a> {
    /// Title.
    pub title: &'a str,
    /// Description.
    pub description: &'a str,
    /// Tags, our marker among them.
    pub tags: Vec<&'a str>,
    /// YouTube's category.
    pub category_id: &'a str,
    /// Language of title and description.
    pub language: Option<&'a str>,
    /// When YouTube shall publish it.
    pub publish_at: Timestamp,
    /// Whether it is made for kids.
    pub made_for_kids: bool,
    /// Whether it shows realistic altered or synthetic content.
    pub altered_content: bool,
    /// Whether subscribers are told when it is published.
    pub notify_subscribers: bool,
    /// Name of the file.
    pub file_name: &'a str,
    /// Media type of the file.
    pub content_type: &'a str,
    /// Size of the file.
    pub bytes_total: u64,
}

impl YouTube {
    /// Opens a session. Nothing of the file is sent, so a failure here, however it looks, has made no video.
    ///
    /// # Errors
    ///
    /// Refused metadata, an exhausted quota and the channel's own limit all show here, before the first byte.
    pub async fn start_upload(
        &self,
        token: &AccessToken,
        video: &NewVideo<'_>,
        deadline: Instant,
    ) -> Result<SessionUri, Error> {
        let policy = CallPolicy::unsafe_to_repeat(SERVICE, "videos.insert")
            .attempts(1)
            .deadline(deadline);
        let url = self.data_url("/upload/youtube/v3/videos");
        let body = resource(video).to_string();
        let answer = self
            .call(&policy, |http| {
                http.post(&url)
                    .query(&[("uploadType", "resumable"), ("part", "snippet,status")])
                    .query(&[("notifySubscribers", video.notify_subscribers)])
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_TYPE, "application/json; charset=UTF-8")
                    .header("x-upload-content-length", video.bytes_total)
                    .header("x-upload-content-type", video.content_type)
                    .header("slug", video.file_name)
                    .body(body.clone())
            })
            .await?;
        let uri = location(&answer).and_then(|location| self.session_uri(location));
        uri.ok_or_else(|| Error::Decode(DecodeError::at("Location")))
    }

    /// Sends one piece of `range`, as it comes. All but the last must be a multiple of [`GRANULE`].
    ///
    /// # Panics
    ///
    /// When a piece that is not the last has another length, or reaches beyond the end: both would be bugs that could
    /// spoil the video.
    pub async fn send_piece<S, E>(
        &self,
        token: &AccessToken,
        session: &SessionUri,
        piece: S,
        range: Range<u64>,
        total: u64,
        deadline: Instant,
    ) -> Outcome
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let length = range.end - range.start;
        assert!(
            range.end <= total && length > 0,
            "a piece lies within the file"
        );
        assert!(
            range.end == total || length.is_multiple_of(GRANULE),
            "a piece is a multiple of 256 KiB"
        );
        let policy = piece_policy("videos.insert.piece", deadline);
        let range = format!("bytes {}-{}/{total}", range.start, range.end - 1);
        // There is one attempt, so the stream is asked for once.
        let piece = Mutex::new(Some(reqwest::Body::wrap_stream(piece)));
        let answer = self
            .transport
            .call(&policy, |http| {
                let piece = piece.lock().unwrap_or_else(PoisonError::into_inner).take();
                http.put(session.expose())
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_LENGTH, length)
                    .header(header::CONTENT_RANGE, &range)
                    .body(piece.unwrap_or_default())
            })
            .await;
        self.outcome(answer, total)
    }

    /// Asks a session how far it has come. Changes nothing; a complete upload answers with its video again.
    pub async fn ask_session(
        &self,
        token: &AccessToken,
        session: &SessionUri,
        total: u64,
        deadline: Instant,
    ) -> Outcome {
        let policy = piece_policy("videos.insert.ask", deadline);
        let answer = self
            .transport
            .call(&policy, |http| {
                http.put(session.expose())
                    .bearer_auth(token.expose())
                    .header(header::CONTENT_LENGTH, 0)
                    .header(header::CONTENT_RANGE, format!("bytes */{total}"))
            })
            .await;
        self.outcome(answer, total)
    }
}

fn piece_policy(operation: &'static str, deadline: Instant) -> CallPolicy {
    CallPolicy::unsafe_to_repeat(SERVICE, operation)
        .attempts(1)
        .attempt_timeout(PIECE_TIMEOUT)
        .deadline(deadline)
}

fn resource(video: &NewVideo<'_>) -> Value {
    let mut snippet = json!({
        "title": video.title,
        "description": video.description,
        "tags": video.tags,
        "categoryId": video.category_id,
    });
    if let Some(language) = video.language {
        snippet["defaultLanguage"] = language.into();
    }
    json!({
        "snippet": snippet,
        "status": {
            // Left out, it would mean public.
            "privacyStatus": "private",
            "publishAt": super::manage::instant(video.publish_at),
            "selfDeclaredMadeForKids": video.made_for_kids,
            "containsSyntheticMedia": video.altered_content,
            "embeddable": true,
            "license": "youtube",
            "publicStatsViewable": true,
        },
    })
}

#[cfg(test)]
mod tests;
