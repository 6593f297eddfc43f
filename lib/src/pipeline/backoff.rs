//! How long a failed step waits.

use std::time::Duration;

/// Full jitter: uniform between 0 and `min(cap, base · 2^(attempt - 1))`, so that workers never march in step.
pub(super) fn backoff(attempt: u32, random: f64) -> Duration {
    const BASE_SECONDS: f64 = 2.0;
    const CAP_SECONDS: f64 = 900.0;
    let exponent = i32::try_from(attempt.saturating_sub(1))
        .unwrap_or(i32::MAX)
        .min(30);
    let ceiling = (BASE_SECONDS * 2f64.powi(exponent)).min(CAP_SECONDS);
    Duration::from_secs_f64(ceiling * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn backoff_stays_within_its_bounds(attempt in 0u32..1000, random in 0.0f64..1.0) {
            let delay = backoff(attempt, random).as_secs_f64();
            let ceiling = (2.0 * 2f64.powi(attempt.saturating_sub(1).min(30) as i32)).min(900.0);
            prop_assert!((0.0..=ceiling).contains(&delay));
        }
    }
}
