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

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use tracing::{Instrument as _, Span, field};

/// Sent with every call. Google compresses answers only when the word `gzip` stands here too.
pub const USER_AGENT: &str = concat!(
    "content-catalyst-engine/",
    env!("CARGO_PKG_VERSION"),
    " (gzip)"
);

/// Longest time to open a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time limit of one attempt unless the policy says otherwise.
pub const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit of a call with all its attempts unless the policy says otherwise.
pub const DEFAULT_CALL_TIMEOUT: Duration = Duration::from_secs(25);
/// Attempts of a call that is safe to repeat unless the policy says otherwise.
pub const DEFAULT_ATTEMPTS: u32 = 4;
/// Largest answer that is read unless the policy says otherwise.
pub const DEFAULT_MAX_ANSWER: usize = 16 * 1024 * 1024;
/// The longest `Retry-After` that is waited for inside a call.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);
/// The longest `Retry-After` that is believed at all.
const MAX_BELIEVED_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Says whether an answer is worth asking again.
pub type RetryIf = fn(&Answer) -> bool;

/// How one call may behave.
#[derive(Clone, Copy, Debug)]
pub struct CallPolicy {
    /// The service, as it is named in traces and metrics: `youtube`, `gemini`, …
    pub service: &'static str,
    /// The operation of the service, as the service names it.
    pub operation: &'static str,
    /// Whether repeating the request after an ambiguous failure has no further effect.
    pub safe_to_repeat: bool,
    /// Limit of one attempt, from the first byte sent to the last byte read.
    pub attempt_timeout: Duration,
    /// When the whole call must be over.
    pub deadline: Instant,
    /// Attempts at most.
    pub attempts: u32,
    /// Bytes of (decompressed) answer at most.
    pub max_answer: usize,
    /// Waiting times between attempts.
    pub backoff: Backoff,
    /// Which answers are asked again.
    pub retry_if: RetryIf,
}

impl CallPolicy {
    /// A call that only reads, or whose repetition changes nothing.
    #[must_use]
    pub fn safe(service: &'static str, operation: &'static str) -> Self {
        Self {
            service,
            operation,
            safe_to_repeat: true,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            deadline: Instant::now() + DEFAULT_CALL_TIMEOUT,
            attempts: DEFAULT_ATTEMPTS,
            max_answer: DEFAULT_MAX_ANSWER,
            backoff: Backoff::default(),
            retry_if: Answer::is_transient,
        }
    }

    /// A call with an effect: never repeated once it may have reached the service.
    #[must_use]
    pub fn unsafe_to_repeat(service: &'static str, operation: &'static str) -> Self {
        Self {
            safe_to_repeat: false,
            ..Self::safe(service, operation)
        }
    }

    /// Sets the limit of one attempt.
    #[must_use]
    pub const fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// Sets when the whole call must be over.
    #[must_use]
    pub const fn deadline(mut self, at: Instant) -> Self {
        self.deadline = at;
        self
    }

    /// Sets how long the whole call may take from now on.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        self.deadline(Instant::now() + limit)
    }

    /// Sets the number of attempts; 1 turns retries off.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the largest answer that is read.
    #[must_use]
    pub const fn max_answer(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// Sets which answers are asked again, for services whose status does not tell enough.
    #[must_use]
    pub const fn retry_if(mut self, retry_if: RetryIf) -> Self {
        self.retry_if = retry_if;
        self
    }

    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// Full jitter: each wait is drawn evenly from zero to a bound that doubles up to a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Bound of the first wait.
    pub base: Duration,
    /// Bound that is never exceeded.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(250),
            cap: Duration::from_secs(8),
        }
    }
}

impl Backoff {
    /// The longest wait after the given attempt, the first attempt being 1.
    #[must_use]
    pub fn bound(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1_u32 << doublings).min(self.cap)
    }

    /// A wait after the given attempt, drawn with `random` from `0.0..=1.0`.
    #[must_use]
    pub fn wait(&self, attempt: u32, random: f64) -> Duration {
        let share = if random.is_finite() {
            random.clamp(0.0, 1.0)
        } else {
            1.0
        };
        self.bound(attempt).mul_f64(share).min(self.bound(attempt))
    }

    /// A wait drawn from the process's own randomness.
    #[must_use]
    pub fn draw(&self, attempt: u32) -> Duration {
        self.wait(attempt, fastrand::f64())
    }
}

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
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::NotSent { .. })
    }

    /// A short name for traces and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotSent { .. } => "not_sent",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::TooLarge { .. } => "too_large",
        }
    }

    fn from_reqwest(service: &'static str, error: reqwest::Error) -> Self {
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

/// The outcome of [`Transport::open`].
#[derive(Debug)]
pub enum Opened {
    /// A success whose body is still to be read.
    Stream(Box<Streamed>),
    /// Any other answer, read to its end.
    Refused(Answer),
}

/// An answer that is read piece by piece.
#[derive(Debug)]
pub struct Streamed {
    /// Status line.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
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

/// How long to wait before another attempt, or `None` when this outcome is the final one.
fn pause_before_next(
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

async fn bounded<T>(
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

fn call_span(policy: &CallPolicy, attempt: u32) -> Span {
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

fn finish_span(span: &Span, began: Instant, outcome: Result<StatusCode, &TransportError>) {
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
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Serves the given answers in turn, one connection each; an empty answer closes the connection unanswered.
    async fn serve(answers: Vec<&'static str>) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        tokio::spawn(async move {
            for answer in answers {
                let (mut socket, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                if answer == "hang" {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                }
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        (address, seen)
    }

    fn quick(policy: CallPolicy) -> CallPolicy {
        CallPolicy {
            backoff: Backoff {
                base: Duration::from_millis(1),
                cap: Duration::from_millis(5),
            },
            ..policy
        }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    const BUSY: &str =
        "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 0\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_safe_call_is_repeated_until_it_succeeds() {
        let (address, seen) = serve(vec![BUSY, "", OK]).await;
        let policy = quick(CallPolicy::safe("test", "read"));
        let answer = Transport::new()
            .call(&policy, |http| http.get(&address))
            .await
            .unwrap();
        assert_eq!((answer.status.as_u16(), answer.attempts), (200, 3));
        assert_eq!(seen.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_call_with_an_effect_is_made_once() {
        let (address, seen) = serve(vec!["", OK]).await;
        let policy = quick(CallPolicy::unsafe_to_repeat("test", "write"));
        let error = Transport::new()
            .call(&policy, |http| http.post(&address))
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::Reset { .. }), "{error:?}");
        assert!(error.may_have_arrived());
        assert_eq!(seen.load(Ordering::SeqCst), 1);

        let (address, seen) = serve(vec![BUSY, OK]).await;
        let answer = Transport::new()
            .call(&policy, |http| http.post(&address))
            .await
            .unwrap();
        assert_eq!(answer.status, 503);
        assert_eq!(seen.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_refused_connection_never_arrived() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let records = Arc::new(std::sync::Mutex::new(Vec::new()));
        let sink = Arc::clone(&records);
        let transport = Transport::new().observed_by(Arc::new(move |record| {
            sink.lock().unwrap().push(*record);
        }));
        let policy = quick(CallPolicy::unsafe_to_repeat("test", "write"));
        let error = transport
            .call(&policy, |http| http.post(&address))
            .await
            .unwrap_err();
        assert!(!error.may_have_arrived());
        let records = records.lock().unwrap();
        let attempts: Vec<_> = records.iter().map(|record| record.attempt).collect();
        assert_eq!(attempts, Vec::from_iter(1..=DEFAULT_ATTEMPTS));
        assert!(
            records
                .iter()
                .all(|record| record.error == Some("not_sent"))
        );
    }

    #[tokio::test]
    async fn a_silent_service_is_a_timeout() {
        let (address, _) = serve(vec!["hang"]).await;
        let policy = CallPolicy::unsafe_to_repeat("test", "write")
            .attempt_timeout(Duration::from_millis(50));
        let error = Transport::new()
            .call(&policy, |http| http.post(&address))
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::Timeout { .. }));
        assert!(error.may_have_arrived());
    }

    #[tokio::test]
    async fn a_long_retry_after_is_left_to_the_caller() {
        let (address, seen) = serve(vec![
            "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nretry-after: 3600\r\nconnection: close\r\n\r\n",
            OK,
        ])
        .await;
        let policy = quick(CallPolicy::safe("test", "read"));
        let answer = Transport::new()
            .call(&policy, |http| http.get(&address))
            .await
            .unwrap();
        assert_eq!(answer.status, 429);
        assert_eq!(answer.retry_after(), Some(Duration::from_secs(3600)));
        assert_eq!(seen.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn redirects_are_answers_and_large_bodies_are_refused() {
        let (address, _) = serve(vec![
            "HTTP/1.1 308 Resume\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\nhello world",
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello world",
        ])
        .await;
        let transport = Transport::new();
        let policy = CallPolicy::safe("test", "read").max_answer(10);
        let moved = transport
            .call(&policy, |http| http.get(&address))
            .await
            .unwrap();
        assert_eq!(moved.status, 308);
        for _ in 0..2 {
            let error = transport
                .call(&policy, |http| http.get(&address))
                .await
                .unwrap_err();
            assert!(matches!(error, TransportError::TooLarge { limit: 10, .. }));
        }
    }

    #[tokio::test]
    async fn a_stream_is_read_piece_by_piece() {
        let (address, _) = serve(vec![BUSY, OK]).await;
        let policy = quick(CallPolicy::safe("test", "stream"));
        let opened = Transport::new()
            .open(&policy, |http| http.get(&address))
            .await
            .unwrap();
        let Opened::Stream(mut stream) = opened else {
            panic!("refused");
        };
        let mut body = Vec::new();
        while let Some(piece) = stream.next(Duration::from_secs(1)).await.unwrap() {
            body.extend_from_slice(&piece);
        }
        assert_eq!(body, b"{}");
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 12:00:00 GMT").unwrap();
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            read("Sun, 22 Nov 2026 12:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(read("Sun, 22 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(
            read("99999999999999999999999"),
            Some(MAX_BELIEVED_RETRY_AFTER)
        );
        assert_eq!(read("-1"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(read(""), None);
    }

    proptest! {
        #[test]
        fn waits_stay_within_bounds(
            attempt in 0_u32..200, seed: u64, base_ms in 0_u64..10_000, cap_ms in 0_u64..100_000,
        ) {
            let backoff = Backoff { base: Duration::from_millis(base_ms), cap: Duration::from_millis(cap_ms) };
            let random = fastrand::Rng::with_seed(seed).f64();
            let wait = backoff.wait(attempt, random);
            prop_assert!(wait <= backoff.bound(attempt));
            prop_assert!(backoff.bound(attempt) <= backoff.cap);
            prop_assert!(backoff.bound(attempt) <= backoff.bound(attempt + 1));
            prop_assert_eq!(wait, backoff.wait(attempt, random));
        }

        #[test]
        fn odd_random_numbers_do_not_break_the_bound(attempt: u32, random: f64) {
            let backoff = Backoff::default();
            prop_assert!(backoff.wait(attempt, random) <= backoff.cap);
        }

        #[test]
        fn any_retry_after_is_read_without_panic(value in "\\PC*") {
            if let Ok(value) = value.parse() {
                let mut headers = HeaderMap::new();
                headers.insert(header::RETRY_AFTER, value);
                let wait = retry_after(&headers, SystemTime::now());
                prop_assert!(wait.is_none_or(|wait| wait <= MAX_BELIEVED_RETRY_AFTER));
            }
        }
    }
}
