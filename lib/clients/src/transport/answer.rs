//! What a service answered, or why there is no answer.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

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
    pub fn is_transient(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
    }

    /// How long the service asks to wait, if it says so.
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

impl DecodeError {
    /// What is missing stands outside of the body, or is all of it.
    pub(crate) fn at(path: &str) -> Self {
        let (line, column) = (0, 0);
        Self {
            path: path.to_owned(),
            line,
            column,
        }
    }
}

/// Reads `Retry-After` in either of its forms: seconds, or a date.
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

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The request certainly did not leave: no connection, or it could not be built.
    #[error("{service} could not be reached")]
    NotSent {
        /// Service.
        service: &'static str,
        /// What went wrong, without the address.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// No answer in time; the service may have acted.
    #[error("{service} did not answer in time")]
    Timeout {
        /// Service.
        service: &'static str,
    },
    /// The connection broke after the request began; the service may have acted.
    #[error("the connection to {service} broke")]
    Reset {
        /// Service.
        service: &'static str,
        /// What went wrong, without the address.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The answer is larger than anything the service should send.
    #[error("{service} answered with more than {limit} bytes")]
    TooLarge {
        /// Service.
        service: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl TransportError {
    /// Whether the request may have reached the service, so that an effect there cannot be excluded.
    pub const fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::NotSent { .. })
    }

    /// A short name for traces and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotSent { .. } => "not_sent",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::TooLarge { .. } => "too_large",
        }
    }

    pub(super) fn from_reqwest(service: &'static str, error: reqwest::Error) -> Self {
        // The address may hold a key or a session: it must not travel with the error.
        let error = error.without_url();
        if error.is_builder() || error.is_connect() {
            Self::NotSent {
                service,
                source: Some(error),
            }
        } else if error.is_timeout() {
            Self::Timeout { service }
        } else {
            Self::Reset {
                service,
                source: Some(error),
            }
        }
    }
}
