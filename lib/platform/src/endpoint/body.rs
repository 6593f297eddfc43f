//! Bodies: parsed strictly, refused with the field, the rule and the cure.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::input::Empty;
use super::schema::{Schemas, schema_of};
use crate::problem::{Kind, Problem};

/// A body's type.
pub trait BodyInput: Sized + Send {
    /// Whether the operation reads a body at all.
    const READS: bool;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Kind::UnsupportedMediaType`], [`Kind::InvalidJson`], [`Kind::InvalidBody`].
    fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem>;

    /// For the OpenAPI document: the schema's name, and every schema it needs.
    fn schema() -> Option<(String, Schemas)>;
}

impl<T: DeserializeOwned + ToSchema + Send> BodyInput for T {
    const READS: bool = true;

    fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        if !is_json(headers) {
            return Err(Problem::new(Kind::UnsupportedMediaType)
                .detail("Send the body as JSON with Content-Type: application/json."));
        }
        let text = std::str::from_utf8(body).map_err(|_| {
            Problem::new(Kind::InvalidJson).detail("The body is not UTF-8. JSON is always UTF-8.")
        })?;
        // NUL is legal JSON but no Postgres text can hold it, so it is refused where it can be named.
        if holds_nul(text) {
            return Err(Problem::new(Kind::InvalidBody)
                .detail(
                    "The body holds the character U+0000, which cannot be stored. Leave it out.",
                )
                .pointer("", "must not contain U+0000"));
        }
        // A struct can also be read from a list of its fields in order; nobody means that.
        if text.trim_start().starts_with('[') {
            serde_json::from_str::<serde::de::IgnoredAny>(text)
                .map_err(|error| not_json(&error))?;
            return Err(Problem::new(Kind::InvalidBody)
                .detail("The body is not acceptable: it is a list, expected a JSON object.")
                .pointer("", "must be a JSON object"));
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let pointer = pointer(error.path());
            let inner = error.into_inner();
            if inner.is_data() {
                let message = without_position(&inner.to_string());
                Problem::new(Kind::InvalidBody)
                    .detail(format!("The body is not acceptable: {message}."))
                    .pointer(pointer, message)
            } else {
                not_json(&inner)
            }
        })?;
        deserializer.end().map_err(|error| not_json(&error))?;
        Ok(value)
    }

    fn schema() -> Option<(String, Schemas)> {
        Some(schema_of::<T>())
    }
}

impl BodyInput for Empty {
    const READS: bool = false;

    fn read(_: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        match body.trim_ascii() {
            b"" | b"{}" => Ok(Self),
            _ => Err(Problem::new(Kind::InvalidBody)
                .detail("This operation takes no body. Leave it out.")),
        }
    }

    fn schema() -> Option<(String, Schemas)> {
        None
    }
}

/// Any body at all, up to the route's cap: for callbacks of services whose bodies are not to be believed anyway.
#[derive(Debug)]
pub struct AnyBody(pub Bytes);

impl BodyInput for AnyBody {
    const READS: bool = true;

    fn read(_: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        Ok(Self(body.clone()))
    }

    fn schema() -> Option<(String, Schemas)> {
        None
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/json")
        })
}

/// Whether a JSON text writes U+0000 in a string. Two backslashes before the `u` write a backslash instead.
fn holds_nul(text: &str) -> bool {
    text.match_indices("\\u0000").any(|(at, _)| {
        let before = &text.as_bytes()[..at];
        let slashes = before
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        slashes % 2 == 0
    })
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(Kind::InvalidJson).detail(format!(
        "The body is not JSON: line {}, column {}.",
        error.line(),
        error.column()
    ))
}

/// serde_json appends where it stood; the pointer says it better.
fn without_position(message: &str) -> String {
    message
        .split_once(" at line ")
        .map_or(message, |(text, _)| text)
        .to_owned()
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
