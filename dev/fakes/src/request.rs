//! Requests on their way to a stand-in.

use std::{str::FromStr, sync::Mutex};

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Method, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Connection;

/// The head of a request, with its query taken apart.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) connection: Connection,
}

impl Head {
    pub(crate) fn new(parts: Parts, connection: Connection) -> Self {
        Self {
            path: parts.uri.path().to_owned(),
            query: form(parts.uri.query().unwrap_or_default().as_bytes()),
            method: parts.method,
            headers: parts.headers,
            connection,
        }
    }

    /// Method and path.
    pub(crate) fn route(&self) -> (&str, &str) {
        (self.method.as_str(), &self.path)
    }

    /// Method and what follows `/_control/`.
    pub(crate) fn control_route(&self) -> Option<(&str, &str)> {
        Some((self.method.as_str(), self.path.strip_prefix("/_control/")?))
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        field(&self.query, name)
    }

    /// A parameter that is a number, or something else that can be read from text.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.param(name)?.parse().ok()
    }

    /// Whether the parameter is absent or has this value: it narrows a list.
    pub(crate) fn allows(&self, name: &str, value: Option<&str>) -> bool {
        self.param(name).is_none_or(|wanted| value == Some(wanted))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

pub(crate) struct Call {
    pub(crate) head: Head,
    /// The whole body, unless the operation streams it.
    pub(crate) body: Bytes,
    /// The unread body of an operation that streams.
    pub(crate) stream: Mutex<Option<Body>>,
    pub(crate) effect: FaultEffect,
}

/// The part of a fault that only the stand-in can carry out.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultEffect {
    pub(crate) answer: Option<Value>,
    pub(crate) after_bytes: Option<u64>,
    /// Whether the call was held up: its client may have given up and gone on by other means.
    pub(crate) late: bool,
}

impl FaultEffect {
    /// The kind of answer to give: either the plain string or the `kind` of an object.
    pub(crate) fn kind(&self) -> Option<&str> {
        let answer = self.answer.as_ref()?;
        answer.as_str().or_else(|| answer.get("kind")?.as_str())
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.answer.as_ref()?.get(name)
    }
}

/// Who makes a call, as far as its token or body tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) account: Option<String>,
    pub(crate) channel: Option<String>,
}

/// Takes `application/x-www-form-urlencoded` text apart.
pub(crate) fn form(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

pub(crate) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// Reads a body to its end and forgets it, so that an early response is not lost to a reset.
pub(crate) async fn drain(body: Body) {
    let mut stream = body.into_data_stream();
    while let Some(Ok(_)) = stream.next().await {}
}

/// Reads the JSON body of a control call, an empty one as `{}`.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let is_empty = body.trim_ascii().is_empty();
    let read = serde_json::from_slice(if is_empty { b"{}" } else { body });
    read.map_err(|error| error.to_string())
}

/// Whether `text` is what `pattern` says, `*` standing for anything.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            (0..=text.len()).any(|at| text.get(at..).is_some_and(|text| glob(rest, text)))
        }),
    }
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty()
        || haystack
            .windows(needle.len())
            .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{contains, glob};

    #[test]
    fn a_star_stands_for_anything() {
        assert!(glob("/youtube/v3/*", "/youtube/v3/videos"));
        assert!(glob("*/videos", "/youtube/v3/videos"));
        assert!(glob("/a*c*e", "/abcde"));
        assert!(glob("/token", "/token"));
        assert!(!glob("/token", "/token/x"));
        assert!(!glob("/a*z", "/abc"));
    }

    #[test]
    fn text_is_found_in_bytes() {
        assert!(contains(b"hello", b"ell"));
        assert!(!contains(b"hello", b"elx"));
    }
}
