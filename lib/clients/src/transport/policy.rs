//! How one call may behave.

use super::answer::Answer;
use super::backoff::Backoff;
use std::time::{Duration, Instant};

/// Time limit of one attempt unless the policy says otherwise.
pub(super) const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit of a call with all its attempts unless the policy says otherwise.
pub(super) const DEFAULT_CALL_TIMEOUT: Duration = Duration::from_secs(25);

/// Attempts of a call that is safe to repeat unless the policy says otherwise.
pub(super) const DEFAULT_ATTEMPTS: u32 = 4;

/// Largest answer that is read unless the policy says otherwise.
pub(super) const DEFAULT_MAX_ANSWER: usize = 16 * 1024 * 1024;

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

    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
