//! What a handler gets beside its context: query string and body, parsed strictly, refused with the field, the rule and
//! the cure.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::mistake::Mistake;
use super::schema_shapes::{Schemas, schema_of};
use crate::problem::{FieldError, Kind, Problem};

/// Query string and body, parsed.
#[expect(missing_docs, reason = "their names say it")]
#[derive(Debug)]
pub struct Input<Q, B> {
    pub query: Q,
    pub body: B,
}

/// No query, no body, or no answer body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

/// A query string's type.
pub trait QueryInput: Sized + Send {
    /// Whether the operation reads its query at all.
    const READS: bool = true;

    /// Reads the pairs that are left after the path's placeholders were taken out.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidQuery`].
    fn read(pairs: &[(String, String)]) -> Result<Self, Problem>;

    /// For the OpenAPI document.
    fn parameters() -> Vec<Parameter>;
}

impl<T: DeserializeOwned + IntoParams + Send> QueryInput for T {
    fn read(pairs: &[(String, String)]) -> Result<Self, Problem> {
        let mut seen = HashSet::new();
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !seen.insert(name)) {
            return Err(Problem::new(Kind::InvalidQuery)
                .detail(format!(
                    "The query parameter {name} is given more than once."
                ))
                .parameter(name, "must be given once"));
        }
        let encoded = serde_urlencoded::to_string(pairs).map_err(Problem::internal)?;
        let parsed = url::form_urlencoded::parse(encoded.as_bytes());
        let deserializer = serde_urlencoded::Deserializer::new(parsed);
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let path = error.path().to_string();
            let mistake = Mistake::of(&error.into_inner().to_string());
            let name = mistake.member.clone().unwrap_or(path);
            let given = pairs.iter().find(|(known, _)| *known == name);
            let value = given.map(|(_, value)| value.as_str().into());
            let error = mistake.at(FieldError::parameter(name, "").with_value(value));
            Problem::new(Kind::InvalidQuery)
                .detail(error.sentence())
                .error(error)
        })
    }

    fn parameters() -> Vec<Parameter> {
        T::into_params(|| Some(ParameterIn::Query))
    }
}

/// The query of operations that others call with parameters of their own, which say nothing to us.
#[derive(Clone, Copy, Debug)]
pub struct AnyQuery;

impl QueryInput for AnyQuery {
    const READS: bool = false;

    fn read(_: &[(String, String)]) -> Result<Self, Problem> {
        Ok(Self)
    }

    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }
}

impl QueryInput for Empty {
    fn read(pairs: &[(String, String)]) -> Result<Self, Problem> {
        match pairs.first() {
            None => Ok(Self),
            Some((name, _)) => Err(Problem::new(Kind::InvalidQuery)
                .detail("This operation takes no query parameters.")
                .parameter(name, "must be left out")),
        }
    }

    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }
}

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
        let not_utf8 = "The body is not UTF-8. JSON is always UTF-8.";
        let text = std::str::from_utf8(body)
            .map_err(|_| Problem::new(Kind::InvalidJson).detail(not_utf8))?;
        // NUL is legal JSON but no Postgres text can hold it, so it is refused where it can be named.
        if holds_nul(text) {
            let detail =
                "The body holds the character U+0000, which cannot be stored. Leave it out.";
            return Err(Problem::new(Kind::InvalidBody)
                .detail(detail)
                .pointer("", "must not contain U+0000"));
        }
        // A struct can also be read from a list of its fields in order; nobody means that.
        if text.trim_start().starts_with('[') {
            serde_json::from_str::<IgnoredAny>(text).map_err(|error| not_json(&error))?;
            return Err(Problem::new(Kind::InvalidBody)
                .detail("The body is not acceptable: it is a list, expected a JSON object.")
                .pointer("", "must be a JSON object"));
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| unread(text, error))?;
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
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether a JSON text writes U+0000 in a string. Two backslashes before the `u` write a backslash instead.
fn holds_nul(text: &str) -> bool {
    text.match_indices("\\u0000").any(|(at, _)| {
        let before = text.as_bytes()[..at].iter().rev();
        before.take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let detail = format!("The body is not JSON: line {line}, column {column}.");
    Problem::new(Kind::InvalidJson).detail(detail)
}

/// serde_json appends where it stood; the pointer says it better.
fn without_position(message: &str) -> String {
    let text = message.split_once(" at line ").map(|(text, _)| text);
    text.unwrap_or(message).to_owned()
}

/// The problem of a body that could not be read.
fn unread(body: &str, error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let pointer = pointer(error.path());
    let error = error.into_inner();
    let message = if error.is_data() {
        without_position(&error.to_string())
    } else if serde_json::from_str::<Value>(body).is_ok() {
        // What is wrong is no syntax, whatever serde_json says: an enumeration was given something else than a text.
        "must be a string".to_owned()
    } else {
        return not_json(&error);
    };
    let error = wrong_field(body, pointer, &message);
    Problem::new(Kind::InvalidBody)
        .detail(error.sentence())
        .error(error)
}

/// The field that could not be read, with its value.
fn wrong_field(body: &str, pointer: String, message: &str) -> FieldError {
    let mistake = Mistake::of(message);
    let pointer = match &mistake.member {
        Some(member) if !pointer.ends_with(&format!("/{}", escaped(member))) => {
            format!("{pointer}/{}", escaped(member))
        }
        _ => pointer,
    };
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let value = body.pointer(&pointer).cloned();
    mistake.at(FieldError::field(pointer, "").with_value(value))
}

/// A member's name in a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
