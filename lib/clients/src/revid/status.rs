//! Reading what RevID answers, in either of its dialects.

use super::fields::{credits_of, error_text, number_of, progress, refused, text_of, usable};
use super::{FailCode, PollError, ProviderJobId};
use crate::transport::Answer;
use serde_json::Value;
use std::{collections::HashSet, sync::Mutex};

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
        Some("ready" | "completed" | "complete" | "done") => ready(&body, credits),
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
#[must_use]
pub fn read_callback(body: &[u8]) -> Option<ProviderJobId> {
    let body: Value = serde_json::from_slice(body).ok()?;
    text_of(&body, &["pid"]).and_then(ProviderJobId::new)
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
