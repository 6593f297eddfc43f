//! One way out: time limits, retries, size caps and traces for every outgoing call.
//!
//! * A call is described by a [`CallPolicy`] and a **request factory**: the request is built anew for each attempt, so
//!   a body that was half sent is never sent again from the middle.
//! * A call is repeated after an ambiguous failure only when its policy says that repeating is safe. A failure that
//!   certainly happened before the request left ([`TransportError::NotSent`]) is repeated for every call.
//! * Waiting between attempts is full jitter. `Retry-After` is honoured; an answer that asks for more patience than the
//!   call has is handed to the caller at once rather than asked again too early.
//! * Any answer of the service, whatever its status, is an [`Answer`]: what a status means is for the service's own
//!   client to say.
//! * Traces carry service, operation, attempt, status and duration. Never an address, a header or a body: addresses
//!   and bodies of these services hold tokens.

mod answer;
mod attempt;
mod backoff;
mod error;
mod policy;
mod streamed;
mod trace;

pub use answer::{Answer, DecodeError, retry_after};
pub use attempt::MAX_RETRY_AFTER;
pub use backoff::Backoff;
pub use error::TransportError;
pub use policy::{CallPolicy, RetryIf};
pub use streamed::{Opened, Streamed};
pub use trace::{CallRecord, Observer};

use attempt::{bounded, pause_before_next, read_all};
use trace::{call_span, finish_span};

use http::StatusCode;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tracing::Instrument as _;

/// Sent with every call. Google compresses answers only when the word `gzip` stands here too.
pub const USER_AGENT: &str = concat!(
    "content-catalyst-engine/",
    env!("CARGO_PKG_VERSION"),
    " (gzip)"
);

/// Longest time to open a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The shared connection pool with its rules. Cloning shares the pool.
#[derive(Clone, Default)]
pub struct Transport {
    // Built at the first call: most requests of a function make none, and a cold start pays for what it builds.
    client: Arc<OnceLock<reqwest::Client>>,
    observer: Option<Observer>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    /// A transport that opens nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has every finished attempt reported to `observer`.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The HTTP client itself, for what does not fit a call: building addresses, long uploads.
    ///
    /// # Panics
    ///
    /// Never in practice: the client is built from constants only.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        self.client
            .get_or_init(|| build_client().expect("the HTTP client is built from constants"))
    }

    /// Makes a call and reads its answer, whatever its status.
    ///
    /// `make` builds the request for one attempt.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when there was no answer.
    pub async fn call<F>(&self, policy: &CallPolicy, make: F) -> Result<Answer, TransportError>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(policy, attempt, &make).await;
            let Some(wait) = pause_before_next(policy, attempt, &outcome) else {
                return outcome;
            };
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Makes a call whose answer is read piece by piece (server-sent events, downloads).
    ///
    /// Only failures before the first byte of the answer are retried, by the rules of [`Transport::call`]. An answer
    /// that is not a success is read to its end and comes back as [`Opened::Refused`].
    ///
    /// # Errors
    ///
    /// [`TransportError`] when there was no answer.
    pub async fn open<F>(&self, policy: &CallPolicy, make: F) -> Result<Opened, TransportError>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let mut attempt = 1;
        loop {
            let span = call_span(policy, attempt);
            let began = Instant::now();
            let limit = policy.attempt_timeout.min(policy.time_left());
            let sent = bounded(policy.service, limit, self.send(policy, &make))
                .instrument(span.clone())
                .await;
            let outcome = match sent {
                Ok(response) if response.status().is_success() => {
                    finish_span(&span, began, Ok(response.status()));
                    let status = response.status();
                    let headers = response.headers().clone();
                    self.report(policy, attempt, began, Ok(status));
                    return Ok(Opened::Stream(Box::new(Streamed {
                        status,
                        headers,
                        policy: *policy,
                        read: 0,
                        response,
                    })));
                }
                Ok(response) => {
                    let left = policy.attempt_timeout.min(policy.time_left());
                    bounded(policy.service, left, read_all(policy, attempt, response)).await
                }
                Err(error) => Err(error),
            };
            let status = outcome.as_ref().map(|answer| answer.status);
            finish_span(&span, began, status);
            self.report(policy, attempt, began, status);
            let Some(wait) = pause_before_next(policy, attempt, &outcome) else {
                return outcome.map(Opened::Refused);
            };
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn attempt<F>(
        &self,
        policy: &CallPolicy,
        attempt: u32,
        make: &F,
    ) -> Result<Answer, TransportError>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let span = call_span(policy, attempt);
        let began = Instant::now();
        let limit = policy.attempt_timeout.min(policy.time_left());
        let outcome = bounded(policy.service, limit, async {
            let response = self.send(policy, make).await?;
            read_all(policy, attempt, response).await
        })
        .instrument(span.clone())
        .await;
        let status = outcome.as_ref().map(|answer| answer.status);
        finish_span(&span, began, status);
        self.report(policy, attempt, began, status);
        outcome
    }

    async fn send<F>(
        &self,
        policy: &CallPolicy,
        make: &F,
    ) -> Result<reqwest::Response, TransportError>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        make(self.http())
            .send()
            .await
            .map_err(|error| TransportError::from_reqwest(policy.service, error))
    }

    fn report(
        &self,
        policy: &CallPolicy,
        attempt: u32,
        began: Instant,
        outcome: Result<StatusCode, &TransportError>,
    ) {
        if let Some(observer) = &self.observer {
            observer(&CallRecord {
                service: policy.service,
                operation: policy.operation,
                attempt,
                status: outcome.ok().map(|status| status.as_u16()),
                error: outcome.err().map(TransportError::kind),
                duration: began.elapsed(),
            });
        }
    }
}

fn build_client() -> reqwest::Result<reqwest::Client> {
    crate::tls::client_builder()
        .user_agent(USER_AGENT)
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(20))
        .build()
}

#[cfg(test)]
mod tests;
