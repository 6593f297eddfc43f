//! How long a call waits between its attempts.

use std::time::Duration;

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
