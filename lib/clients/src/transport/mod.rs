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
mod policy;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use http::StatusCode;
use tracing::Instrument as _;

use attempt::{answered, bounded, call_span, finish_span, pause_before_next};

pub use answer::{Answer, DecodeError, TransportError, retry_after};
pub use attempt::{CallRecord, MAX_RETRY_AFTER, Observer, Opened, Streamed};
pub use policy::{Backoff, CallPolicy};

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
    pub fn new() -> Self {
        Self::default()
    }

    /// Has every finished attempt reported to `observer`.
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The HTTP client itself, for what does not fit a call: building addresses, long uploads.
    ///
    /// # Panics
    ///
    /// Never in practice: the client is built from constants only.
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
        match self.repeat(policy, make, false).await? {
            Opened::Refused(answer) => Ok(answer),
            Opened::Stream(_) => unreachable!("every answer is read, unless a stream is asked for"),
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
        self.repeat(policy, make, true).await
    }

    async fn repeat<F>(
        &self,
        policy: &CallPolicy,
        make: F,
        stream: bool,
    ) -> Result<Opened, TransportError>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let mut attempt = 1;
        loop {
            let span = call_span(policy, attempt);
            let began = Instant::now();
            let limit = policy.attempt_timeout.min(policy.time_left());
            let work = answered(policy, attempt, make(self.http()), stream);
            let outcome = bounded(policy.service, limit, work)
                .instrument(span.clone())
                .await;
            let status = outcome.as_ref().map(Opened::status);
            finish_span(&span, began, status);
            self.report(policy, attempt, began, status);
            let Some(wait) = pause_before_next(policy, attempt, &outcome) else {
                return outcome;
            };
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
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
