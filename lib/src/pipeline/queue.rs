//! Claiming and ending steps; the SQL functions of the same names do it atomically.

use std::time::Duration;

use serde_json::{Value, json};

use super::step::{Claim, Outcome};
use platform::db::{Db, DbError};

/// Queues in the order in which they are served.
const QUEUES: [&str; 6] = [
    "publish",
    "render",
    "notify",
    "sync",
    "score",
    "maintenance",
];

/// A claim that was run, and how it ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) claim: Claim,
    pub(super) outcome: Outcome,
}

/// Ends claims and claims at most `limit` due steps, in one transaction: both happen or neither. A claim that was taken over
/// is left alone.
pub(super) async fn finish_and_claim(
    engine: &Db,
    worker: &str,
    limit: usize,
    lease_seconds: u64,
    finished: &[Finished],
) -> Result<Vec<Claim>, DbError> {
    let finished: Vec<_> = finished
        .iter()
        .map(|Finished { claim, outcome }| {
            json!({"step": claim.step_id, "fence": claim.fence, "outcome": outcome_json(claim, outcome)})
        })
        .collect();
    let arguments = json!({
        "p_worker": worker, "p_queues": QUEUES, "p_limit": limit, "p_lease_seconds": lease_seconds, "p_ended": finished,
    });
    engine.call("finish_and_claim", &arguments).await
}

/// Extends the lease; false when the claim was taken over.
pub(super) async fn extend(
    engine: &Db,
    claim: &Claim,
    lease_seconds: u64,
) -> Result<bool, DbError> {
    let arguments = json!({
        "p_step": claim.step_id, "p_fence": claim.fence, "p_lease_seconds": lease_seconds,
    });
    engine.call("extend_lease", &arguments).await
}

/// Ends a claim; false when it was taken over, and then nothing was changed.
pub(super) async fn finish(engine: &Db, claim: &Claim, outcome: &Outcome) -> Result<bool, DbError> {
    let outcome = outcome_json(claim, outcome);
    let arguments = json!({"p_step": claim.step_id, "p_fence": claim.fence, "p_outcome": outcome});
    engine.call("finish_step", &arguments).await
}

fn outcome_json(claim: &Claim, outcome: &Outcome) -> Value {
    let result = outcome.as_str();
    match outcome {
        Outcome::Done => json!({"result": result}),
        Outcome::Continue { after, reason } | Outcome::Snooze { after, reason } => {
            json!({"result": result, "after_seconds": after.as_secs_f64(), "reason": reason})
        }
        Outcome::Retry { after, error } => {
            let after = after.unwrap_or_else(|| backoff(claim.attempt, fastrand::f64()));
            json!({"result": result, "after_seconds": after.as_secs_f64(), "error": error})
        }
        Outcome::Discard { error } => json!({"result": result, "error": error}),
    }
}

/// Seconds until the next step is due or a lease ends: negative when one is overdue, none when nothing waits.
pub(super) async fn next_due_seconds(engine: &Db) -> Result<Option<f64>, DbError> {
    let status: Value = engine.call("pipeline_status", &json!({})).await?;
    Ok(status["next_due_seconds"].as_f64())
}

/// Full jitter: uniform between 0 and `min(cap, base · 2^(attempt - 1))`, so that workers never march in step.
fn backoff(attempt: u32, random: f64) -> Duration {
    const BASE_SECONDS: f64 = 2.0;
    const CAP_SECONDS: f64 = 900.0;
    let doublings = attempt.saturating_sub(1).min(30);
    let ceiling = (BASE_SECONDS * f64::from(1_u32 << doublings)).min(CAP_SECONDS);
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
