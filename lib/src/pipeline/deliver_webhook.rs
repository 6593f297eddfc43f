//! `webhook.deliver`: sends what is due to one endpoint, one event after the other.
//!
//! The attempt is written down before it is made, and its end afterwards: a process that dies in between leaves an event
//! that is sent again, with the same id, and the receiver knows it by that.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Claim, Outcome, StepCtx, StepError};
use crate::webhooks::{self, AttemptOutcome, signature};
use clients::webhook::{Answered, SendError};
use platform::clock;
use platform::db::DbError;
use platform::ids::{DeliveryId, UserId};
use platform::keys;

/// The step's kind.
pub const KIND: &str = "webhook.deliver";

/// Endpoints that one instance sends to at the same time: one that hangs must not take the place of all other work.
const CONCURRENCY: usize = 4;
static SENDING: AtomicUsize = AtomicUsize::new(0);

struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        SENDING
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |sending| {
                (sending < CONCURRENCY).then_some(sending + 1)
            })
            .ok()
            .map(|_| Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        SENDING.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Work {
    Idle,
    Wait { seconds: f64 },
    Send(Box<Event>),
}

#[derive(Deserialize)]
struct Event {
    delivery_id: DeliveryId,
    event_id: String,
    body: String,
    url: String,
    owner_id: UserId,
    secrets: Vec<Sealed>,
}

#[derive(Deserialize)]
struct Sealed {
    id: Uuid,
    secret: String,
}

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let Some(_turn) = Turn::take() else {
        return Outcome::Snooze {
            after: Duration::from_secs(1),
            reason: "busy",
        };
    };
    deliver(ctx, claim).await.unwrap_or_else(|outcome| outcome)
}

async fn deliver(ctx: &StepCtx, claim: &Claim) -> Result<Outcome, Outcome> {
    loop {
        let event = match call(ctx, claim, "open_webhook", json!({})).await? {
            Work::Idle => return Ok(Outcome::Done),
            Work::Wait { seconds } => {
                return Ok(Outcome::Snooze {
                    after: Duration::from_secs_f64(seconds.clamp(0.1, 86_400.0)),
                    reason: "retry",
                });
            }
            Work::Send(event) => event,
        };
        let headers = headers(ctx, &event)?;
        let sender =
            webhooks::sender(ctx.config()).map_err(|e| retry("http_client", &e.to_string()))?;
        let begun = Instant::now();
        let answer = sender.post(&event.url, headers, event.body).await;
        let latency = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (outcome, status, wait) = judge(answer);
        tracing::info!(
            delivery.id = %event.delivery_id, event.id = event.event_id, ?outcome, status, latency_ms = latency,
            "webhook"
        );
        let attempt = json!({"outcome": outcome, "status": status, "latency_ms": latency});
        let () = call(
            ctx,
            claim,
            "record_webhook",
            json!({
                "p_delivery": event.delivery_id, "p_attempt": attempt,
                "p_retry_after": wait.map(|wait| wait.as_secs_f64()),
            }),
        )
        .await?;
        if ctx.time_left().is_zero() {
            return Ok(Outcome::Continue {
                after: Duration::ZERO,
                reason: "slice",
            });
        }
    }
}

fn headers(ctx: &StepCtx, event: &Event) -> Result<HeaderMap, Outcome> {
    let Some(Ok(ring)) = keys::ring(ctx.config()) else {
        return Err(retry(
            "not_configured",
            "TOKEN_ENCRYPTION_KEYS is missing or malformed.",
        ));
    };
    let secrets: Result<Vec<SecretString>, _> = event
        .secrets
        .iter()
        .map(|sealed| {
            ring.open(
                &webhooks::encryption_context(sealed.id, event.owner_id),
                &sealed.secret,
            )
        })
        .collect();
    let timestamp = clock::now().as_second();
    let signature = secrets.and_then(|secrets| {
        signature::sign(&secrets, &event.event_id, timestamp, event.body.as_bytes())
    });
    let signature = signature.map_err(|error| retry("secret_unreadable", &error.to_string()))?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", event.event_id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        let value = HeaderValue::try_from(value)
            .map_err(|error| retry("malformed_event", &error.to_string()))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Success is 2xx and nothing else.
fn judge(answer: Result<Answered, SendError>) -> (AttemptOutcome, Option<u16>, Option<Duration>) {
    match answer {
        Ok(answered) => {
            let outcome = match answered.status {
                200..=299 => AttemptOutcome::Delivered,
                300..=399 => AttemptOutcome::Redirected,
                410 => AttemptOutcome::Gone,
                _ => AttemptOutcome::Refused,
            };
            (outcome, Some(answered.status), answered.retry_after)
        }
        Err(SendError::Forbidden(_)) => (AttemptOutcome::Forbidden, None, None),
        Err(SendError::Timeout) => (AttemptOutcome::Timeout, None, None),
        Err(_) => (AttemptOutcome::Unreachable, None, None),
    }
}

fn retry(code: &str, message: &str) -> Outcome {
    Outcome::Retry {
        after: None,
        error: StepError::new(code, message),
    }
}

async fn call<T: serde::de::DeserializeOwned>(
    ctx: &StepCtx,
    claim: &Claim,
    function: &str,
    arguments: Value,
) -> Result<T, Outcome> {
    ctx.fenced(claim, function, arguments)
        .await
        .map_err(|error: DbError| {
            if error.is_refusal("stale_fence") {
                Outcome::Done
            } else {
                retry("database", &error.to_string())
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2xx_is_success() {
        let judged = |status| {
            let answered = Answered {
                status,
                retry_after: None,
            };
            judge(Ok(answered)).0
        };
        for (status, outcome) in [
            (200, AttemptOutcome::Delivered),
            (204, AttemptOutcome::Delivered),
            (301, AttemptOutcome::Redirected),
            (304, AttemptOutcome::Redirected),
            (404, AttemptOutcome::Refused),
            (410, AttemptOutcome::Gone),
            (429, AttemptOutcome::Refused),
            (500, AttemptOutcome::Refused),
        ] {
            assert_eq!(judged(status), outcome, "{status}");
        }
        assert_eq!(judge(Err(SendError::Timeout)).0, AttemptOutcome::Timeout);
    }

    #[test]
    fn turns_are_given_back() {
        let turns: Vec<_> = (0..CONCURRENCY).filter_map(|_| Turn::take()).collect();
        assert_eq!(turns.len(), CONCURRENCY);
        assert!(Turn::take().is_none());
        drop(turns);
        assert!(Turn::take().is_some());
    }
}
