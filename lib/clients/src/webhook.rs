//! Sending events to addresses that users chose, through the guarded connector of [`download`](super::download): what is
//! dialled is what was checked, redirects are answers, and nothing that the other side says is kept but its status.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, USER_AGENT};

use super::guard::resolver::{guarded, refusal, system_lookup};
use super::guard::{Forbidden, Guard, MediaUrl};
use super::transport::retry_after;

/// Until the connection stands.
const CONNECT: Duration = Duration::from_secs(5);

/// Until the answer's head. Its body is not read.
const TOTAL: Duration = Duration::from_secs(15);

/// How an attempt ended without an answer. Carries nothing that the other side sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address breaks a rule, by its text or by what its name stands for now.
    #[error("the address may not be called: {0}")]
    Forbidden(#[from] Forbidden),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, no valid certificate, or no HTTP.
    #[error("the endpoint cannot be reached")]
    Unreachable,
}

/// What an endpoint answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// When it wants to be asked again.
    pub retry_after: Option<Duration>,
}

/// Sends events. One for the whole process: it has connections of its own.
#[derive(Clone, Debug)]
pub struct Sender {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

impl Sender {
    /// A sender under these rules.
    ///
    /// # Errors
    ///
    /// When the TLS set-up is refused, which no input can cause.
    pub fn new(guard: Guard) -> Result<Self, reqwest::Error> {
        let guard = Arc::new(guard);
        let client = guarded(&guard, CONNECT, system_lookup())
            // A receiver that closes idle connections must not cost a first attempt.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, guard })
    }

    /// Checks an address.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(&self, address: &str) -> Result<MediaUrl, Forbidden> {
        self.guard.check(address)
    }

    /// Posts one event.
    ///
    /// # Errors
    ///
    /// [`SendError`] when there was no answer.
    pub async fn post(
        &self,
        address: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answered, SendError> {
        let url = self.guard.check(address)?.into_url();
        let request = self
            .client
            .post(url)
            .headers(headers)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "content-catalyst-engine-webhooks/1")
            .body(body);
        let response = tokio::time::timeout(TOTAL, request.send())
            .await
            .map_err(|_| SendError::Timeout)?
            .map_err(|error| classify(&error))?;
        Ok(Answered {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers(), SystemTime::now()),
        })
    }
}

fn classify(error: &reqwest::Error) -> SendError {
    match refusal(error) {
        Some(forbidden) => SendError::Forbidden(forbidden),
        None if error.is_timeout() => SendError::Timeout,
        None => SendError::Unreachable,
    }
}

#[cfg(test)]
mod tests;
