//! How one call may behave, and how long it waits between its attempts.

use std::time::{Duration, Instant};

use super::answer::Answer;

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
    pub fn bound(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1_u32 << doublings).min(self.cap)
    }

    /// A wait after the given attempt, drawn with `random` from `0.0..=1.0`.
    pub fn wait(&self, attempt: u32, random: f64) -> Duration {
        let share = if random.is_finite() {
            random.clamp(0.0, 1.0)
        } else {
            1.0
        };
        self.bound(attempt).mul_f64(share).min(self.bound(attempt))
    }

    /// A wait drawn from the process's own randomness.
    pub fn draw(&self, attempt: u32) -> Duration {
        self.wait(attempt, fastrand::f64())
    }
}

/// How one call may behave.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct CallPolicy {
    /// The service, as it is named in traces and metrics: `youtube`, `gemini`, …
    pub service: &'static str,
    /// The operation of the service, as the service names it.
    pub operation: &'static str,
    /// Whether repeating the request after an ambiguous failure has no further effect.
    pub safe_to_repeat: bool,
    /// Limit of one attempt, from the first byte sent to the last byte read; 10 s unless set.
    pub attempt_timeout: Duration,
    /// When the whole call must be over; in 25 s unless set.
    pub deadline: Instant,
    /// Attempts at most; 4 unless set.
    pub attempts: u32,
    /// Bytes of (decompressed) answer at most; 16 MiB unless set.
    pub max_answer: usize,
    /// Waiting times between attempts.
    pub backoff: Backoff,
    /// Which answers are asked again.
    pub retry_if: fn(&Answer) -> bool,
}

impl CallPolicy {
    /// A call that only reads, or whose repetition changes nothing.
    pub fn safe(service: &'static str, operation: &'static str) -> Self {
        Self {
            service,
            operation,
            safe_to_repeat: true,
            attempt_timeout: Duration::from_secs(10),
            deadline: Instant::now() + Duration::from_secs(25),
            attempts: 4,
            max_answer: 16 * 1024 * 1024,
            backoff: Backoff::default(),
            retry_if: Answer::is_transient,
        }
    }

    /// A call with an effect: never repeated once it may have reached the service.
    pub fn unsafe_to_repeat(service: &'static str, operation: &'static str) -> Self {
        Self {
            safe_to_repeat: false,
            ..Self::safe(service, operation)
        }
    }

    /// Sets the limit of one attempt.
    pub const fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// Sets when the whole call must be over.
    pub const fn deadline(mut self, at: Instant) -> Self {
        self.deadline = at;
        self
    }

    /// Sets the number of attempts; 1 turns retries off.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the largest answer that is read.
    pub const fn max_answer(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// Sets which answers are asked again, for services whose status does not tell enough.
    pub const fn retry_if(mut self, retry_if: fn(&Answer) -> bool) -> Self {
        self.retry_if = retry_if;
        self
    }

    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
