//! What a service answered.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use std::fmt;
use std::time::{Duration, SystemTime};

/// The longest `Retry-After` that is believed at all.
pub(super) const MAX_BELIEVED_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What the service answered, read to its end.
#[derive(Clone)]
pub struct Answer {
    /// Status line.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Decompressed body.
    pub body: Bytes,
    /// How many attempts it took.
    pub attempts: u32,
}

/// Bodies hold tokens and private data, so `Debug` shows their length only.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// The statuses that HTTP itself calls passing.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
    }

    /// How long the service asks to wait, if it says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers, SystemTime::now())
    }

    /// Reads the body as JSON; an error names the path at which the body differs from what was expected.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the body is not JSON or not of this shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, DecodeError> {
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| DecodeError {
            path: error.path().to_string(),
            line: error.inner().line(),
            column: error.inner().column(),
        })
    }
}

/// An answer that is not of the expected shape. It names the place, never the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unexpected answer at `{path}` (line {line}, column {column})")]
pub struct DecodeError {
    /// Path inside the document.
    pub path: String,
    /// Line in the body.
    pub line: usize,
    /// Column in the body.
    pub column: usize,
}

/// Reads `Retry-After` in either of its forms: seconds, or a date.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        value
            .parse()
            .map_or(MAX_BELIEVED_RETRY_AFTER, Duration::from_secs)
    } else {
        httpdate::parse_http_date(value)
            .ok()?
            .duration_since(now)
            .unwrap_or(Duration::ZERO)
    };
    Some(wait.min(MAX_BELIEVED_RETRY_AFTER))
}
