//! A render at RevID: its id, what the answer to its submit says, and how it stands, in either of RevID's dialects.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use http::{HeaderMap, header};
use serde_json::Value;

use super::fields::{
    credits_of, error_text, number_of, progress, refused, text_of, truthy, usable,
};
use super::{FailCode, PollError, SubmitError};
use crate::transport::Answer;

/// RevID's id of a job: opaque, but of a shape that is safe anywhere in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ProviderJobId(String);

impl ProviderJobId {
    /// Takes 1 to 128 letters, digits, `_` and `-`; documents and practice disagree on everything else.
    pub fn new(id: &str) -> Option<Self> {
        let fits = (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        fits.then(|| Self(id.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProviderJobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A job that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Its id.
    pub id: ProviderJobId,
}

pub(super) fn submitted(answer: &Answer) -> Result<Submitted, SubmitError> {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let text = body.as_ref().and_then(error_text).unwrap_or_default();

    if answer.status.is_success() {
        return accepted(body.as_ref(), text);
    }
    Err(match answer.status.as_u16() {
        status @ (408 | 500..=599) => SubmitError::Unknown(format!("status {status}")),
        401 => SubmitError::Auth(text),
        402 => SubmitError::OutOfCredit(text),
        403 if is_html(&answer.headers) || body.is_none() => SubmitError::Rejected {
            code: FailCode::Other,
            message: "refused by the service's outer wall (status 403)".into(),
        },
        403 => by_text(text).or_code(FailCode::PlanLocked),
        409 | 425 | 429 => SubmitError::RateLimited(answer.retry_after()),
        status @ 300..=399 => SubmitError::Rejected {
            code: FailCode::BadRequest,
            message: format!("redirected (status {status})"),
        },
        _ => by_text(text).or_code(FailCode::BadRequest),
    })
}

fn accepted(body: Option<&Value>, text: String) -> Result<Submitted, SubmitError> {
    let body = body.ok_or_else(|| SubmitError::Unknown("the answer is not JSON".into()))?;
    if refused(body) {
        return Err(by_text(text));
    }
    // A yes without an id is a yes all the same: the render may be running, and be paid.
    match text_of(body, &["pid"]).and_then(ProviderJobId::new) {
        Some(id) => Ok(Submitted { id }),
        None if truthy(body.get("success")).is_none() && !text.is_empty() => Err(by_text(text)),
        None => Err(SubmitError::Unknown("the answer names no job".into())),
    }
}

impl SubmitError {
    /// Names the cause of a rejection whose text names none.
    fn or_code(self, code: FailCode) -> Self {
        match self {
            Self::Rejected {
                code: FailCode::Other,
                message,
            } => Self::Rejected { code, message },
            error => error,
        }
    }
}

fn by_text(message: String) -> SubmitError {
    match FailCode::of(&message) {
        FailCode::KeyRefused => SubmitError::Auth(message),
        FailCode::InsufficientCredits => SubmitError::OutOfCredit(message),
        code => SubmitError::Rejected { code, message },
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"))
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// Accepted, not begun.
    Queued,
    /// At work.
    Running {
        /// Per cent done, where told.
        progress: Option<u8>,
        /// It calls itself ready but names no file.
        without_file: bool,
    },
    /// Done.
    Succeeded(FinishedVideo),
    /// Over, without a video.
    Failed {
        /// Why.
        code: FailCode,
        /// The provider's own words.
        message: String,
        /// What it cost all the same.
        credits: Option<u32>,
    },
}

/// What the service says about a finished video.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedVideo {
    /// Where the file is, unchecked: the guard decides before anything is fetched.
    pub file: String,
    /// Where a still picture is.
    pub thumbnail: Option<String>,
    /// Length of the video.
    pub seconds: Option<f64>,
    /// What it cost.
    pub credits: Option<u32>,
}

pub(super) fn job_state(answer: &Answer, asked: &ProviderJobId) -> Result<JobState, PollError> {
    let body = usable(answer)?;
    let malformed = |what: &str| PollError::Malformed(what.to_owned());
    if let Some(pid) = text_of(&body, &["pid"])
        && pid != asked.as_str()
    {
        return Err(malformed("the answer is about another job"));
    }
    let status = text_of(&body, &["status", "state"]).map(str::to_lowercase);
    let message = error_text(&body).unwrap_or_default();
    let credits = credits_of(&body, &["creditsConsumed", "creditsUsed", "credits_used"]);
    let failed = |code: FailCode| JobState::Failed {
        code,
        message: message.clone(),
        credits,
    };
    Ok(match status.as_deref() {
        Some("ready" | "completed" | "complete" | "done") => ready(&body, credits),
        Some("failed" | "error") => failed(FailCode::of(&message)),
        Some("canceled" | "cancelled") => failed(FailCode::CancelledThere),
        Some("queued" | "pending") => JobState::Queued,
        Some(status) => {
            if !matches!(status, "building" | "rendering" | "processing") {
                log_once(status);
            }
            JobState::Running {
                progress: progress(&body),
                without_file: false,
            }
        }
        None if refused(&body) => match FailCode::of(&message) {
            FailCode::KeyRefused => return Err(PollError::Auth),
            _ if message.to_lowercase().contains("not found") => return Err(PollError::NotFound),
            FailCode::Other => return Err(malformed("a refusal that names no cause we know")),
            code => failed(code),
        },
        None => return Err(malformed("the answer names no status")),
    })
}

fn ready(body: &Value, credits: Option<u32>) -> JobState {
    match text_of(body, &["videoUrl", "video_url"]).filter(|url| !url.is_empty()) {
        Some(file) => JobState::Succeeded(FinishedVideo {
            file: file.to_owned(),
            thumbnail: text_of(body, &["thumbnailUrl", "thumbnail_url", "cover"])
                .map(ToOwned::to_owned),
            seconds: number_of(body, &["durationSeconds", "duration"])
                .filter(|seconds| *seconds > 0.0 && *seconds < 86_400.0),
            credits,
        }),
        None => JobState::Running {
            progress: progress(body),
            without_file: true,
        },
    }
}

/// Takes from a callback's body the one thing that is looked at: which job it is about, if it says so.
///
/// The body comes from whoever knows the address. Nothing else in it is believed, not even that something happened.
pub fn read_callback(body: &[u8]) -> Option<ProviderJobId> {
    let body: Value = serde_json::from_slice(body).ok()?;
    text_of(&body, &["pid"]).and_then(ProviderJobId::new)
}

/// A status that is new to us is worth one line, not one for each poll.
fn log_once(status: &str) {
    static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let plain = status.chars().filter(|c| !c.is_control());
    let status: String = plain.take(40).collect();
    if seen.len() < 32 && seen.insert(status.clone()) {
        tracing::warn!(
            render.status = status,
            "RevID reports a status that is new to us; it counts as running"
        );
    }
}
