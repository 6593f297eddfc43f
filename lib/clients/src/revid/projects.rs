//! The projects of a listing, and what a render costs.

use super::fields::{credits_of, text_of, usable};
use super::{PollError, ProviderJobId};
use crate::transport::Answer;
use jiff::Timestamp;
use serde_json::Value;

/// One project of the account.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its id, which is the job's.
    pub id: ProviderJobId,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// All that was said about it, for finding our own marks in it.
    pub(super) raw: String,
}

impl Project {
    /// Whether the listing repeats `mark` anywhere, for example in the callback's address.
    #[must_use]
    pub fn mentions(&self, mark: &str) -> bool {
        !mark.is_empty() && self.raw.contains(mark)
    }
}

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
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
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

pub(super) fn from_epoch(number: f64) -> Option<Timestamp> {
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
