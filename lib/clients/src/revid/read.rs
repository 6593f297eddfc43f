//! Reading what RevID answers, in either of its dialects.

use std::{collections::HashSet, sync::Mutex};

use http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::Value;

use super::{FailCode, PollError, ProviderJobId, SubmitError};
use crate::transport::Answer;

/// A job that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Its id.
    pub id: ProviderJobId,
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
    Succeeded {
        /// Where the file is, as it was told; judged by the guard before anything is fetched.
        file: String,
        /// Where a still picture is.
        thumbnail: Option<String>,
        /// Length of the video.
        seconds: Option<f64>,
        /// What it cost.
        credits: Option<u32>,
    },
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

/// One project of the account.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its id, which is the job's.
    pub id: ProviderJobId,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// All that was said about it, for finding our own marks in it.
    raw: String,
}

impl Project {
    /// Whether the listing repeats `mark` anywhere, for example in the callback's address.
    #[must_use]
    pub fn mentions(&self, mark: &str) -> bool {
        !mark.is_empty() && self.raw.contains(mark)
    }
}

// ------------------------------------------------------------------------------------------------------- submit --

pub(super) fn submitted(answer: &Answer) -> Result<Submitted, SubmitError> {
    let status = answer.status;
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let text = body.as_ref().and_then(error_text).unwrap_or_default();

    if status.is_success() {
        let Some(body) = &body else {
            return Err(SubmitError::Unknown("the answer is not JSON".into()));
        };
        if refused(body) {
            return Err(by_text(text));
        }
        // A yes without an id is a yes all the same: the render may be running, and be paid.
        return match body
            .get("pid")
            .and_then(Value::as_str)
            .and_then(ProviderJobId::new)
        {
            Some(id) => Ok(Submitted { id }),
            None if truthy(body.get("success")).is_none() && !text.is_empty() => Err(by_text(text)),
            None => Err(SubmitError::Unknown("the answer names no job".into())),
        };
    }
    Err(match status.as_u16() {
        408 | 500..=599 => {
            SubmitError::Unknown(format!("status {status}", status = status.as_u16()))
        }
        401 => SubmitError::Auth(text),
        402 => SubmitError::OutOfCredit(text),
        403 if is_html(&answer.headers) || body.is_none() => SubmitError::Rejected {
            code: FailCode::Other,
            message: "refused by the service's outer wall (status 403)".into(),
        },
        403 => match by_text(text) {
            SubmitError::Rejected {
                code: FailCode::Other,
                message,
            } => SubmitError::Rejected {
                code: FailCode::PlanLocked,
                message,
            },
            error => error,
        },
        409 | 425 | 429 => SubmitError::RateLimited(answer.retry_after()),
        300..=399 => SubmitError::Rejected {
            code: FailCode::BadRequest,
            message: format!("redirected (status {})", status.as_u16()),
        },
        _ => match by_text(text) {
            SubmitError::Rejected {
                code: FailCode::Other,
                message,
            } => SubmitError::Rejected {
                code: FailCode::BadRequest,
                message,
            },
            error => error,
        },
    })
}

fn by_text(message: String) -> SubmitError {
    match FailCode::of(&message) {
        FailCode::KeyRefused => SubmitError::Auth(message),
        FailCode::InsufficientCredits => SubmitError::OutOfCredit(message),
        code => SubmitError::Rejected { code, message },
    }
}

// ------------------------------------------------------------------------------------------------------- status --

pub(super) fn job_state(answer: &Answer, asked: &ProviderJobId) -> Result<JobState, PollError> {
    let body = usable(answer)?;
    if let Some(pid) = text_of(&body, &["pid"])
        && pid != asked.as_str()
    {
        return Err(PollError::Malformed(
            "the answer is about another job".into(),
        ));
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
        Some("ready" | "completed" | "complete" | "done") => {
            match text_of(&body, &["videoUrl", "video_url"]).filter(|url| !url.is_empty()) {
                Some(file) => JobState::Succeeded {
                    file: file.to_owned(),
                    thumbnail: text_of(&body, &["thumbnailUrl", "thumbnail_url", "cover"])
                        .map(ToOwned::to_owned),
                    seconds: number_of(&body, &["durationSeconds", "duration"])
                        .filter(|seconds| *seconds > 0.0 && *seconds < 86_400.0),
                    credits,
                },
                None => JobState::Running {
                    progress: progress(&body),
                    without_file: true,
                },
            }
        }
        Some("failed" | "error") => failed(FailCode::of(&message)),
        Some("canceled" | "cancelled") => failed(FailCode::CancelledThere),
        Some("queued" | "pending") => JobState::Queued,
        Some("building" | "rendering" | "processing") => JobState::Running {
            progress: progress(&body),
            without_file: false,
        },
        Some(unknown) => {
            log_once(unknown);
            JobState::Running {
                progress: progress(&body),
                without_file: false,
            }
        }
        None if refused(&body) => match FailCode::of(&message) {
            FailCode::KeyRefused => return Err(PollError::Auth),
            _ if message.to_lowercase().contains("not found") => return Err(PollError::NotFound),
            FailCode::Other => {
                return Err(PollError::Malformed(
                    "a refusal that names no cause we know".into(),
                ));
            }
            code => failed(code),
        },
        None => return Err(PollError::Malformed("the answer names no status".into())),
    })
}

/// The body of an answer to a question without effect.
fn usable(answer: &Answer) -> Result<Value, PollError> {
    let status = answer.status;
    match status.as_u16() {
        200..=299 => serde_json::from_slice(&answer.body)
            .map_err(|_| PollError::Malformed("not JSON".into())),
        401 => Err(PollError::Auth),
        404 => Err(PollError::NotFound),
        429 => Err(PollError::RateLimited(answer.retry_after())),
        408 | 425 | 500..=599 => Err(PollError::Unavailable(format!(
            "status {}",
            status.as_u16()
        ))),
        other => Err(PollError::Refused(format!("status {other}"))),
    }
}

// ------------------------------------------------------------------------------------------- credits and projects --

pub(super) fn credits(answer: &Answer) -> Result<u32, PollError> {
    let body = usable(answer)?;
    credits_of(&body, &["creditsEstimate", "credits"])
        .ok_or_else(|| PollError::Malformed("no estimate in the answer".into()))
}

pub(super) fn projects(answer: &Answer) -> Result<Vec<Project>, PollError> {
    projects_in(&usable(answer)?)
}

/// The projects of a listing, in whichever of its forms the service sent it.
///
/// # Errors
///
/// [`PollError::Malformed`] when there is no list in it.
pub fn projects_in(body: &Value) -> Result<Vec<Project>, PollError> {
    let list = match body {
        Value::Array(list) => list,
        Value::Object(map) => ["projects", "data", "items", "results"]
            .iter()
            .find_map(|name| map.get(*name).and_then(Value::as_array))
            .ok_or_else(|| PollError::Malformed("no list of projects in the answer".into()))?,
        _ => {
            return Err(PollError::Malformed(
                "no list of projects in the answer".into(),
            ));
        }
    };
    Ok(list
        .iter()
        .filter_map(|project| {
            let id = text_of(project, &["pid", "id", "projectId"]).and_then(ProviderJobId::new)?;
            let created_at = [
                "createdAt",
                "created_at",
                "creationDate",
                "created",
                "timestamp",
            ]
            .iter()
            .find_map(|name| project.get(*name).and_then(instant));
            Some(Project {
                id,
                created_at,
                raw: project.to_string(),
            })
        })
        .collect())
}

/// A moment as ISO text, as seconds or milliseconds since 1970, or as Firestore writes it.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| from_epoch(text.parse().ok()?)),
        Value::Number(number) => from_epoch(number.as_f64()?),
        Value::Object(map) => from_epoch(
            map.get("_seconds")
                .or_else(|| map.get("seconds"))?
                .as_f64()?,
        ),
        _ => None,
    }
}

fn from_epoch(number: f64) -> Option<Timestamp> {
    let milliseconds = if number.abs() < 1e11 {
        number * 1000.0
    } else {
        number
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "out of range saturates and is then refused by the type"
    )]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

// ----------------------------------------------------------------------------------------------------- callback --

/// Takes from a callback's body the one thing that is looked at: which job it is about, if it says so.
///
/// The body comes from whoever knows the address. Nothing else in it is believed, not even that something happened.
#[must_use]
pub fn read_callback(body: &[u8]) -> Option<ProviderJobId> {
    let body: Value = serde_json::from_slice(body).ok()?;
    text_of(&body, &["pid"]).and_then(ProviderJobId::new)
}

// -------------------------------------------------------------------------------------------------------- pieces --

fn text_of<'a>(body: &'a Value, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|name| body.get(*name).and_then(Value::as_str))
}

/// A number, also when it is written as text.
fn number_of(body: &Value, names: &[&str]) -> Option<f64> {
    names
        .iter()
        .find_map(|name| match body.get(*name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().trim_end_matches('%').parse().ok(),
            _ => None,
        })
        .filter(|number: &f64| number.is_finite())
}

/// Credits, rounded up: a budget must never be too hopeful.
fn credits_of(body: &Value, names: &[&str]) -> Option<u32> {
    let credits = number_of(body, names)?.ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range"
    )]
    (0.0..=1_000_000.0)
        .contains(&credits)
        .then_some(credits as u32)
}

fn progress(body: &Value) -> Option<u8> {
    let progress = number_of(body, &["progress"])?.clamp(0.0, 100.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped"
    )]
    Some(progress as u8)
}

/// `success`, which is the number 1 or 0 and might one day be a boolean.
fn truthy(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(yes) => Some(*yes),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        _ => None,
    }
}

fn refused(body: &Value) -> bool {
    truthy(body.get("success")) == Some(false)
}

/// The service's words about an error, cut to a length worth keeping.
fn error_text(body: &Value) -> Option<String> {
    let text = ["error", "message", "errorMessage"]
        .iter()
        .find_map(|name| match body.get(*name)? {
            Value::String(text) => Some(text.as_str()),
            Value::Object(map) => map.get("message").and_then(Value::as_str),
            _ => None,
        })?;
    Some(text.chars().filter(|c| !c.is_control()).take(300).collect())
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"))
}

/// A status that is new to us is worth one line, not one for each poll.
fn log_once(status: &str) {
    static SEEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let mut seen = SEEN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let seen = seen.get_or_insert_default();
    let status: String = status
        .chars()
        .filter(|c| !c.is_control())
        .take(40)
        .collect();
    if seen.len() < 32 && seen.insert(status.clone()) {
        tracing::warn!(
            render.status = status,
            "RevID reports a status that is new to us; it counts as running"
        );
    }
}
