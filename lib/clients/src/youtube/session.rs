//! A resumable upload's session, and what its answers mean.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{ApiError, ErrorKind, YouTube, error::classify, lenient::Item};
use crate::transport::{Answer, TransportError};

/// Address of an upload session. Who knows it can finish the upload, so it is shown nowhere.
#[derive(Clone, Debug)]
pub struct SessionUri(SecretString);

impl SessionUri {
    /// Wraps an address that was stored.
    pub fn new(uri: impl Into<SecretString>) -> Self {
        Self(uri.into())
    }

    /// The address itself, to be encrypted or asked.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What a session says about its upload.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It has everything before `next`.
    Incomplete {
        /// The first byte it does not have. Equal to the size when it has all bytes and is not done yet.
        next: u64,
        /// Its new address, if it gave one.
        moved: Option<SessionUri>,
    },
    /// The upload is complete and is this video.
    Complete {
        /// YouTube's id of the video.
        video: String,
    },
    /// The session is expired or unknown. This does not say that there is no video.
    Gone,
    /// The upload has failed for good; asking again gives the same answer.
    Permanent(ApiError),
    /// No answer, or one that passes: ask the session before anything else.
    Transient {
        /// How long YouTube asks to wait.
        after: Option<Duration>,
        /// A short name for logs and stored errors.
        code: String,
    },
    /// The access token is not accepted: refresh it, then ask the session.
    Unauthorized,
}

/// Whether more of the file is wanted. The header stands where a proxy cannot pass a 308 on.
fn continues(answer: &Answer) -> bool {
    answer.status == StatusCode::PERMANENT_REDIRECT
        || answer.status.is_success()
            && answer
                .headers
                .get("x-http-status-code-override")
                .is_some_and(|value| value == "308")
}

/// Where an answer sends us.
pub(super) fn location(answer: &Answer) -> Option<&str> {
    answer.headers.get(header::LOCATION)?.to_str().ok()
}

fn transient(answer: &Answer, code: &str) -> Outcome {
    Outcome::Transient {
        after: answer.retry_after(),
        code: code.to_owned(),
    }
}

/// The first byte that is missing: after `Range: bytes=0-N`, or 0 when nothing is stored. None when it makes no sense.
pub(super) fn next_offset(headers: &HeaderMap, total: u64) -> Option<u64> {
    let Some(range) = headers.get(header::RANGE) else {
        return Some(0);
    };
    let range = range.to_str().ok()?.trim();
    let last = range
        .strip_prefix("bytes=0-")
        .or(range.strip_prefix("bytes 0-"))?;
    let next = if last.starts_with('+') {
        None
    } else {
        last.parse::<u64>().ok()?.checked_add(1)
    };
    next.filter(|next| *next <= total)
}

impl YouTube {
    pub(super) fn outcome(&self, answer: Result<Answer, TransportError>, total: u64) -> Outcome {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return Outcome::Transient {
                    after: None,
                    code: error.kind().to_owned(),
                };
            }
        };
        let transient = |code| transient(&answer, code);
        if continues(&answer) {
            return self.incomplete(&answer, total);
        }
        if answer.status.is_success() {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            return match Item(&body).string("/id") {
                Some(video) => Outcome::Complete { video },
                None => transient("unexpected_answer"),
            };
        }
        let Some(error) = classify(&answer) else {
            return transient("unexpected_answer");
        };
        match (answer.status.as_u16(), error.kind) {
            (404 | 410, _) => Outcome::Gone,
            (_, ErrorKind::Unauthorized) => Outcome::Unauthorized,
            (300..=399, _) => transient("unexpected_redirect"),
            (_, kind) if kind.is_transient() => Outcome::Transient {
                after: error.retry_after,
                code: error.reason,
            },
            _ => Outcome::Permanent(error),
        }
    }

    fn incomplete(&self, answer: &Answer, total: u64) -> Outcome {
        let moved = location(answer).map(|location| self.session_uri(location));
        match (next_offset(&answer.headers, total), moved) {
            (Some(_), Some(None)) => transient(answer, "foreign_location"),
            (Some(next), moved) => Outcome::Incomplete {
                next,
                moved: moved.flatten(),
            },
            (None, _) => transient(answer, "unexpected_range"),
        }
    }

    /// A session's address is sent the access token, so it must be Google's (or where we were told YouTube is).
    pub(super) fn session_uri(&self, location: &str) -> Option<SessionUri> {
        let url = Url::parse(location).ok()?;
        let home = Url::parse(&self.data_url("")).ok()?;
        let google = |host: &str| host == "googleapis.com" || host.ends_with(".googleapis.com");
        let host = url.host_str()?;
        let at_home =
            url.scheme() == home.scheme() && url.host() == home.host() && url.port() == home.port();
        (at_home || (url.scheme() == "https" && google(host)))
            .then(|| SessionUri::new(location.to_owned()))
    }
}
