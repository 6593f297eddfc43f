//! One attempt of a call: its time limit, its record, reading its answer, and whether another one follows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use tracing::{Span, field};

use super::answer::{Answer, TransportError};
use super::policy::CallPolicy;

/// One finished attempt of a call, for metrics and for the health of the outside services.
#[derive(Clone, Copy, Debug)]
pub struct CallRecord {
    /// Service.
    pub service: &'static str,
    /// Operation.
    pub operation: &'static str,
    /// Which attempt this was, from 1.
    pub attempt: u32,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// [`TransportError::kind`] when there was none.
    pub error: Option<&'static str>,
    /// Time of this attempt; of a streamed answer, until it began.
    pub duration: Duration,
}

/// Told about every finished attempt, before the next one.
pub type Observer = Arc<dyn Fn(&CallRecord) + Send + Sync>;

pub(super) fn call_span(policy: &CallPolicy, attempt: u32) -> Span {
    tracing::info_span!(
        "call",
        service = policy.service,
        operation = policy.operation,
        attempt,
        status = field::Empty,
        error = field::Empty,
        duration_ms = field::Empty,
    )
}

pub(super) fn finish_span(
    span: &Span,
    began: Instant,
    outcome: Result<StatusCode, &TransportError>,
) {
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.record("duration_ms", duration_ms);
    match outcome {
        Ok(status) => {
            span.record("status", status.as_u16());
            tracing::debug!(parent: span, "call answered");
        }
        Err(error) => {
            span.record("error", error.kind());
            tracing::warn!(parent: span, "call failed");
        }
    }
}

/// The longest `Retry-After` that is waited for inside a call.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);

/// How long to wait before another attempt, or `None` when this outcome is the final one.
pub(super) fn pause_before_next(
    policy: &CallPolicy,
    attempt: u32,
    outcome: &Result<Opened, TransportError>,
) -> Option<Duration> {
    if attempt >= policy.attempts {
        return None;
    }
    let asked = match outcome {
        Ok(Opened::Refused(answer)) if policy.safe_to_repeat && (policy.retry_if)(answer) => {
            answer.retry_after()
        }
        Err(TransportError::NotSent {
            source: Some(source),
            ..
        }) if source.is_builder() => return None,
        Err(TransportError::NotSent { .. }) => None,
        Err(TransportError::Timeout { .. } | TransportError::Reset { .. })
            if policy.safe_to_repeat =>
        {
            None
        }
        Ok(_) | Err(_) => return None,
    };
    if asked.is_some_and(|asked| asked > MAX_RETRY_AFTER) {
        return None;
    }
    let wait = policy
        .backoff
        .draw(attempt)
        .max(asked.unwrap_or(Duration::ZERO));
    (wait < policy.time_left()).then_some(wait)
}

pub(super) async fn bounded<T>(
    service: &'static str,
    limit: Duration,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    if limit.is_zero() {
        return Err(TransportError::NotSent {
            service,
            source: None,
        });
    }
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(TransportError::Timeout { service }))
}

/// Sends a request and reads the answer; of a success the head only, when a `stream` is asked for.
pub(super) async fn answered(
    policy: &CallPolicy,
    attempts: u32,
    request: reqwest::RequestBuilder,
    stream: bool,
) -> Result<Opened, TransportError> {
    let sent = request.send().await;
    let response = sent.map_err(|error| TransportError::from_reqwest(policy.service, error))?;
    if stream && response.status().is_success() {
        let policy = *policy;
        let streamed = Streamed {
            policy,
            read: 0,
            response,
        };
        return Ok(Opened::Stream(Box::new(streamed)));
    }
    read_all(policy, attempts, response)
        .await
        .map(Opened::Refused)
}

async fn read_all(
    policy: &CallPolicy,
    attempts: u32,
    mut response: reqwest::Response,
) -> Result<Answer, TransportError> {
    let too_large = TransportError::TooLarge {
        service: policy.service,
        limit: policy.max_answer,
    };
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > policy.max_answer {
        return Err(too_large);
    }
    let mut body = BytesMut::with_capacity(announced);
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|error| TransportError::from_reqwest(policy.service, error))?
    {
        if body.len() + piece.len() > policy.max_answer {
            return Err(too_large);
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: body.freeze(),
        attempts,
    })
}

/// The outcome of [`Transport::open`].
#[derive(Debug)]
pub enum Opened {
    /// A success whose body is still to be read.
    Stream(Box<Streamed>),
    /// Any other answer, read to its end.
    Refused(Answer),
}

impl Opened {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Stream(streamed) => streamed.response.status(),
            Self::Refused(answer) => answer.status,
        }
    }
}

/// An answer that is read piece by piece.
#[derive(Debug)]
pub struct Streamed {
    policy: CallPolicy,
    read: usize,
    response: reqwest::Response,
}

impl Streamed {
    /// The next piece, or `None` at the end. Waits at most `idle` for it, and never past the call's deadline.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when the connection breaks, nothing comes in time, or the size cap is passed.
    pub async fn next(&mut self, idle: Duration) -> Result<Option<Bytes>, TransportError> {
        let service = self.policy.service;
        let limit = idle.min(self.policy.time_left());
        let response = &mut self.response;
        let piece = bounded(service, limit, async {
            response
                .chunk()
                .await
                .map_err(|error| TransportError::from_reqwest(service, error))
        })
        .await?;
        self.read += piece.as_ref().map_or(0, Bytes::len);
        if self.read > self.policy.max_answer {
            return Err(TransportError::TooLarge {
                service,
                limit: self.policy.max_answer,
            });
        }
        Ok(piece)
    }
}
