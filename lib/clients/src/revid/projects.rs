//! The projects of a listing, and what a render costs.

use jiff::Timestamp;
use serde_json::Value;

use super::fields::{credits_of, text_of, usable};
use super::{PollError, ProviderJobId};
use crate::transport::Answer;

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
    pub fn mentions(&self, mark: &str) -> bool {
        !mark.is_empty() && self.raw.contains(mark)
    }
}

pub(super) fn credits(answer: &Answer) -> Result<u32, PollError> {
    credits_of(&usable(answer)?, &["creditsEstimate", "credits"])
        .ok_or_else(|| PollError::Malformed("no estimate in the answer".into()))
}

/// The projects of a listing, in whichever of its forms the service sent it.
///
/// # Errors
///
/// [`PollError::Malformed`] when there is no list in it.
pub fn projects_in(body: &Value) -> Result<Vec<Project>, PollError> {
    let names = ["projects", "data", "items", "results"];
    let list = body
        .as_array()
        .or_else(|| names.iter().find_map(|name| body.get(*name)?.as_array()))
        .ok_or_else(|| PollError::Malformed("no list of projects in the answer".into()))?;
    let times = [
        "createdAt",
        "created_at",
        "creationDate",
        "created",
        "timestamp",
    ];
    let project = |project: &Value| {
        Some(Project {
            id: text_of(project, &["pid", "id", "projectId"]).and_then(ProviderJobId::new)?,
            created_at: times.iter().find_map(|name| instant(project.get(*name)?)),
            raw: project.to_string(),
        })
    };
    Ok(list.iter().filter_map(project).collect())
}

/// A moment as ISO text, as seconds or milliseconds since 1970, or as Firestore writes it.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok().or_else(|| from_epoch(text.parse().ok()?)),
        Value::Number(number) => from_epoch(number.as_f64()?),
        Value::Object(map) => from_epoch(map.get("_seconds").or(map.get("seconds"))?.as_f64()?),
        _ => None,
    }
}

fn from_epoch(number: f64) -> Option<Timestamp> {
    let unit = if number.abs() < 1e11 { 1000.0 } else { 1.0 };
    let milliseconds = number * unit;
    Timestamp::from_millisecond(milliseconds as i64).ok()
}
