//! Gemini's `generateContent` over plain HTTP.
//!
//! * Generation is not idempotent and a call that timed out may have been billed, so a request is sent again only after
//!   an answer that says it was not served, or when it never left ([`Error::retry`]). There are at most three attempts,
//!   and this is the only layer that repeats.
//! * What went wrong is often in the body and not in the status, so statuses are read here and not in the transport.
//! * The key travels in a header that is marked sensitive, and is taken out of every message of the service.

mod answer;
mod error;
pub mod models;
pub mod prices;
mod request;
pub mod schema;
mod status;
mod stream;
mod usage;

use std::time::{Duration, Instant};

use http::HeaderValue;
use jiff::Timestamp;
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::transport::{self, Backoff, CallPolicy, Opened, Transport, TransportError};
use stream::{Assembler, SseDecoder};

pub use answer::{Answer, Outcome, Stage};
pub use error::Error;
pub use prices::{PriceList, PriceListError};
pub use request::{Prompt, ThinkingLevel, Turn};
pub use usage::{Micros, Usage};

/// The model that is asked when the configuration names none. An explicit id: aliases move and need not exist in every
/// version of the API.
pub const DEFAULT_MODEL: &str = "gemini-3.8-flash";

const SERVICE: &str = "gemini";
const ATTEMPTS: u32 = 3;
/// An answer of 32,768 tokens is far below this.
const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// Silence on a stream for so long is a broken connection.
const IDLE: Duration = Duration::from_secs(25);
/// An attempt that would have less time than this is not begun: it could be billed and not be read.
const SHORTEST_ATTEMPT: Duration = Duration::from_secs(3);

/// The service, as one key sees it.
#[derive(Debug, Clone)]
pub struct Gemini {
    transport: Transport,
    base: Url,
    key: SecretString,
    model: String,
    /// Sent as `store`; `None` for proxies that do not know the field.
    store: Option<bool>,
    backoff: Backoff,
    /// What the time is.
    clock: fn() -> Timestamp,
}

impl Gemini {
    /// A client for the configured model.
    pub fn new(transport: Transport, settings: &Settings, clock: fn() -> Timestamp) -> Self {
        let mut base = settings.url.clone();
        if let Ok(mut path) = base.path_segments_mut() {
            path.pop_if_empty().push(&settings.api_version);
        }
        Self {
            transport,
            base,
            clock,
            // A line break at the end of a key file is the most common fault of a key.
            key: settings.api_key.expose_secret().trim().to_owned().into(),
            model: settings
                .model
                .clone()
                .unwrap_or_else(|| DEFAULT_MODEL.to_owned()),
            store: settings.send_store.then_some(false),
            backoff: Backoff {
                base: Duration::from_millis(500),
                cap: Duration::from_secs(8),
            },
        }
    }

    /// The model that is asked.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Asks for one answer.
    ///
    /// # Errors
    /// When there is no answer. A refused, truncated or empty answer is an answer: see [`Outcome`].
    pub async fn generate(&self, prompt: &Prompt, deadline: Instant) -> Result<Answer, Error> {
        let url = self.url("generateContent");
        let body = prompt.body(self.store);
        let mut attempt = 1;
        loop {
            match self.generate_once(&url, &body, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.pause(&error, attempt, deadline).await.ok_or(error)?,
            }
            attempt += 1;
        }
    }

    async fn generate_once(
        &self,
        url: &Url,
        body: &Value,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let policy = self.policy("generateContent", deadline);
        let answer = self
            .transport
            .call(&policy, |http| {
                self.request(http.post(url.clone())).json(body)
            })
            .await
            .map_err(not_answered)?;
        if answer.status != 200 {
            return Err(self.refused(&answer));
        }
        let read = answer.json().map(Answer::read);
        read.map_err(|error| Error::Unreadable { path: error.path })
    }

    /// Asks for one answer and tells `on_text` each piece of text as it arrives. Until the answer is complete that text
    /// is not to be trusted: the last chunk can still withdraw all of it.
    ///
    /// # Errors
    /// When there is no answer, or only the beginning of one. After the first piece of text nothing is sent again.
    pub async fn stream(
        &self,
        prompt: &Prompt,
        deadline: Instant,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, Error> {
        let mut url = self.url("streamGenerateContent");
        url.query_pairs_mut().append_pair("alt", "sse");
        let body = prompt.body(self.store);
        let mut attempt = 1;
        loop {
            let mut heard = false;
            let outcome = self
                .stream_once(&url, &body, deadline, &mut |text| {
                    heard = true;
                    on_text(text);
                })
                .await;
            match outcome {
                Err(error) if !heard => self.pause(&error, attempt, deadline).await.ok_or(error)?,
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    async fn stream_once(
        &self,
        url: &Url,
        body: &Value,
        deadline: Instant,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, Error> {
        let policy = self.policy("streamGenerateContent", deadline);
        let opened = self
            .transport
            .open(&policy, |http| {
                self.request(http.post(url.clone()))
                    .header("accept", "text/event-stream")
                    .header("accept-encoding", "identity")
                    .json(body)
            })
            .await
            .map_err(not_answered)?;
        let mut body = match opened {
            Opened::Stream(body) => body,
            Opened::Refused(answer) => return Err(self.refused(&answer)),
        };
        let mut decoder = SseDecoder::default();
        let mut assembler = Assembler::default();
        let mut take = |assembler: &mut Assembler, payload: &[u8]| {
            let text = assembler.push(payload, (self.clock)())?;
            if !text.is_empty() {
                on_text(&text);
            }
            Ok(())
        };
        while let Some(bytes) = body.next(IDLE).await.map_err(|_| assembler.cut())? {
            for payload in decoder.push(&bytes) {
                take(&mut assembler, &payload)?;
            }
            if decoder.overflows() {
                return Err(assembler.cut());
            }
        }
        for payload in decoder.finish() {
            take(&mut assembler, &payload)?;
        }
        assembler.finish()
    }

    /// `:` stays as it is in a path; only what cannot stand in a path is encoded.
    fn url(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            let model = format!("{}:{method}", self.model);
            segments.pop_if_empty().extend(["models", &model]);
        }
        url
    }

    fn request(&self, request: RequestBuilder) -> RequestBuilder {
        match HeaderValue::from_str(self.key.expose_secret()) {
            Ok(mut key) => {
                key.set_sensitive(true);
                request.header("x-goog-api-key", key)
            }
            // Sent without a key, the service says what is wrong.
            Err(_) => request,
        }
    }

    /// One attempt each: whether to repeat is decided here, where the body has been read.
    fn policy(&self, operation: &'static str, deadline: Instant) -> CallPolicy {
        CallPolicy::unsafe_to_repeat(SERVICE, operation)
            .attempts(1)
            .attempt_timeout(deadline.saturating_duration_since(Instant::now()))
            .deadline(deadline)
            .max_answer(MAX_ANSWER)
    }

    fn refused(&self, answer: &transport::Answer) -> Error {
        let now = (self.clock)();
        let mut error = Error::from_response(
            answer.status.as_u16(),
            answer.retry_after(),
            &answer.body,
            now,
        );
        if let Error::Rejected { message, .. } | Error::NotAllowed { message } = &mut error
            && !self.key.expose_secret().is_empty()
        {
            *message = message.replace(self.key.expose_secret(), "[redacted]");
        }
        error
    }

    /// Waits before the next attempt; `None` when there is to be none.
    async fn pause(&self, error: &Error, attempt: u32, deadline: Instant) -> Option<()> {
        if attempt >= ATTEMPTS {
            return None;
        }
        let wait = error.retry(attempt)? + self.backoff.draw(attempt);
        let left = deadline.saturating_duration_since(Instant::now());
        if wait + SHORTEST_ATTEMPT > left {
            return None;
        }
        tokio::time::sleep(wait).await;
        Some(())
    }
}

fn not_answered(error: TransportError) -> Error {
    match error {
        TransportError::NotSent { source, .. } => Error::NotReached(source),
        TransportError::Timeout { .. } => Error::TimedOut,
        TransportError::Reset { .. } | TransportError::TooLarge { .. } => Error::Cut {
            partial: String::new(),
            usage: None,
        },
    }
}

/// What the client needs to know.
#[derive(Debug)]
pub struct Settings {
    /// `GEMINI_API_KEY`.
    pub api_key: SecretString,
    /// `GEMINI_MODEL`: the model to ask; the client's default when not set.
    pub model: Option<String>,
    /// `GEMINI_API_VERSION`: `v1beta` unless set; `v1` need not know every field that is sent.
    pub api_version: String,
    /// `GEMINI_SEND_STORE`: ask the service not to keep prompts (`"store": false`); `false` only for proxies that do not
    /// know the field.
    pub send_store: bool,
    /// `GEMINI_PRICES`: the prices that costs are computed with, as JSON
    /// (`{"version": "…", "prices": [{"model": "gemini-3.8-flash", "input": 0.75, "output": 3.75}]}`, US dollars per
    /// million tokens); a built-in list unless set.
    pub prices: PriceList,
    /// `GEMINI_URL` while mocking.
    pub url: Url,
}

#[cfg(test)]
mod tests;
