//! What the stages read of the API's answers.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use serde_json::Value;

use super::console::Line;
use crate::api_client::{Client, Progress};

/// No stage may take longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Less often than the limit of reads, 100 a minute.
const POLL_EVERY: Duration = Duration::from_millis(700);

/// What a stage tells the person at the prompt, and what goes into the report.
pub(super) type StageResult = Result<(String, Value)>;

/// Reads `path` until `look` says that it is done, and shows how far it is.
pub(super) async fn wait(
    user: &Client,
    path: &str,
    line: &mut Line,
    look: impl Fn(&Value) -> Progress,
) -> Result<Value> {
    let shown = |value: &Value| {
        let progress = look(value);
        if let Progress::Pending(state) = &progress {
            line.progress(state);
        }
        progress
    };
    user.wait(path, PATIENCE, POLL_EVERY, shown).await
}

/// A text of an answer.
pub(super) fn text(value: &Value, pointer: &str) -> Result<String> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::setup(format!("the answer has no {pointer}"), value.to_string()))
}

/// A number of an answer; 0 when there is none.
pub(super) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}
