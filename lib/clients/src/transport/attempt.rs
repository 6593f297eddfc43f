//! One attempt of a call: its time limit, reading its answer, and whether another one follows.

use super::answer::Answer;
use super::error::TransportError;
use super::policy::CallPolicy;
use bytes::BytesMut;
use std::future::Future;
use std::time::Duration;

/// The longest `Retry-After` that is waited for inside a call.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);

/// How long to wait before another attempt, or `None` when this outcome is the final one.
pub(super) fn pause_before_next(
    policy: &CallPolicy,
    attempt: u32,
    outcome: &Result<Answer, TransportError>,
) -> Option<Duration> {
    if attempt >= policy.attempts {
        return None;
    }
    let asked = match outcome {
        Ok(answer) if policy.safe_to_repeat && (policy.retry_if)(answer) => answer.retry_after(),
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

pub(super) async fn read_all(
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
