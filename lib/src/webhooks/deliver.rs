//! `webhook.deliver`: sends what is due to one endpoint, one event after the other.
//!
//! An attempt is recorded before it is made, and its result afterwards. When the process dies in between, the event is sent
//! again with the same id, by which the receiver knows it.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{delivery::AttemptOutcome, secret::SealedSecret, signature};
use crate::pipeline::{Claim, Outcome, StepCtx};
use clients::download::Guard;
use clients::webhook::{Answered, SendError, Sender};
use platform::ids::{DeliveryId, UserId};
use platform::{clock, config::Config, keys};

/// The step's kind.
pub const KIND: &str = "webhook.deliver";

/// Endpoints that one instance sends to at the same time: one that hangs must not hold up all other work.
static SENDING: Semaphore = Semaphore::const_new(4);

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
    secrets: Vec<SealedSecret>,
}

/// The rules for addresses: public https, and this machine's own receivers on a local stack.
pub(super) fn guard(config: &Config) -> Guard {
    if config.app.mocking {
        Guard::new().with_loopback()
    } else {
        Guard::new()
    }
}

/// The process's HTTP client for events.
///
/// # Errors
///
/// When the HTTP client cannot be built, which no input can cause.
fn sender(config: &Config) -> Result<&'static Sender, &'static reqwest::Error> {
    static SENDER: OnceLock<Result<Sender, reqwest::Error>> = OnceLock::new();
    SENDER.get_or_init(|| Sender::new(guard(config))).as_ref()
}

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let Ok(_permit) = SENDING.try_acquire() else {
        let after = Duration::from_secs(1);
        return Outcome::snooze(after, "busy");
    };
    deliver(ctx, claim).await.unwrap_or_else(|outcome| outcome)
}

async fn deliver(ctx: &StepCtx, claim: &Claim) -> Result<Outcome, Outcome> {
    loop {
        match ctx.fenced(claim, "open_webhook", json!({})).await? {
            Work::Idle => return Ok(Outcome::Done),
            Work::Wait { seconds } => {
                let after = Duration::from_secs_f64(seconds.clamp(0.1, 86_400.0));
                return Ok(Outcome::snooze(after, "retry"));
            }
            Work::Send(event) => attempt(ctx, claim, *event).await?,
        }
        if ctx.time_left().is_zero() {
            return Ok(Outcome::continue_now("slice"));
        }
    }
}

/// Sends one event and records the result.
async fn attempt(ctx: &StepCtx, claim: &Claim, event: Event) -> Result<(), Outcome> {
    let headers = headers(ctx, &event)?;
    let sender =
        sender(ctx.config()).map_err(|error| Outcome::retry("http_client", error.to_string()))?;
    let begun = Instant::now();
    let answer = sender.post(&event.url, headers, event.body).await;
    let latency = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (outcome, status, retry_after) = classify(answer);
    tracing::info!(
        delivery.id = %event.delivery_id, event.id = event.event_id, ?outcome, status, latency_ms = latency,
        "webhook"
    );
    let arguments = json!({
        "p_delivery": event.delivery_id,
        "p_attempt": {"outcome": outcome, "status": status, "latency_ms": latency},
        "p_retry_after": retry_after.map(|after| after.as_secs_f64()),
    });
    Ok(ctx.fenced(claim, "record_webhook", arguments).await?)
}

/// The headers of Standard Webhooks, signed with each of the endpoint's secrets.
fn headers(ctx: &StepCtx, event: &Event) -> Result<HeaderMap, Outcome> {
    let Some(Ok(ring)) = keys::ring(ctx.config()) else {
        let message = "TOKEN_ENCRYPTION_KEYS is missing or malformed.";
        return Err(Outcome::retry("not_configured", message));
    };
    let open = |sealed: &SealedSecret| sealed.open(ring, event.owner_id);
    let timestamp = clock::now().as_second();
    let signature = event
        .secrets
        .iter()
        .map(open)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|keys| signature::sign(&keys, &event.event_id, timestamp, event.body.as_bytes()))
        .map_err(|error| Outcome::retry("secret_unreadable", error.to_string()))?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", event.event_id.clone()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        let value = HeaderValue::try_from(value)
            .map_err(|error| Outcome::retry("malformed_event", error.to_string()))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Success is 2xx and nothing else.
fn classify(
    answer: Result<Answered, SendError>,
) -> (AttemptOutcome, Option<u16>, Option<Duration>) {
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

#[cfg(test)]
mod tests;
