//! Fields of RevID's JSON, under whichever of their names they came.

use serde_json::Value;

use super::PollError;
use crate::transport::Answer;

/// The body of an answer to a question without effect.
pub(super) fn usable(answer: &Answer) -> Result<Value, PollError> {
    match answer.status.as_u16() {
        200..=299 => serde_json::from_slice(&answer.body)
            .map_err(|_| PollError::Malformed("not JSON".into())),
        401 => Err(PollError::Auth),
        404 => Err(PollError::NotFound),
        429 => Err(PollError::RateLimited(answer.retry_after())),
        status @ (408 | 425 | 500..=599) => Err(PollError::Unavailable(format!("status {status}"))),
        other => Err(PollError::Refused(format!("status {other}"))),
    }
}

pub(super) fn text_of<'a>(body: &'a Value, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|name| body.get(*name).and_then(Value::as_str))
}

/// A number, also when it is written as text.
pub(super) fn number_of(body: &Value, names: &[&str]) -> Option<f64> {
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
pub(super) fn credits_of(body: &Value, names: &[&str]) -> Option<u32> {
    let credits = number_of(body, names)?.ceil();
    (0.0..=1_000_000.0)
        .contains(&credits)
        .then_some(credits as u32)
}

pub(super) fn progress(body: &Value) -> Option<u8> {
    let progress = number_of(body, &["progress"])?.clamp(0.0, 100.0);
    Some(progress as u8)
}

/// `success`, which is the number 1 or 0 and might one day be a boolean.
pub(super) fn truthy(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(yes) => Some(*yes),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        _ => None,
    }
}

pub(super) fn refused(body: &Value) -> bool {
    truthy(body.get("success")) == Some(false)
}

/// The service's words about an error, cut to a length worth keeping.
pub(super) fn error_text(body: &Value) -> Option<String> {
    let text = ["error", "message", "errorMessage"]
        .iter()
        .find_map(|name| match body.get(*name)? {
            Value::String(text) => Some(text.as_str()),
            Value::Object(map) => map.get("message").and_then(Value::as_str),
            _ => None,
        })?;
    Some(text.chars().filter(|c| !c.is_control()).take(300).collect())
}
