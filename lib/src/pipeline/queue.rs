//! Claiming and ending steps; the SQL functions of the same names do it atomically.

use serde::Serialize;
use serde_json::json;

use super::{Claim, Outcome, backoff};
use crate::db::{Db, DbError};

/// Queues in the order in which they are served.
pub const QUEUES: [&str; 6] = [
    "publish",
    "render",
    "notify",
    "sync",
    "score",
    "maintenance",
];

#[derive(Serialize)]
struct ClaimArguments<'a> {
    p_worker: &'a str,
    p_queues: &'a [&'a str],
    p_limit: usize,
    p_lease_seconds: u64,
}

/// Claims at most `limit` due steps.
///
/// # Errors
///
/// [`DbError`].
pub async fn claim(
    engine: &Db,
    worker: &str,
    limit: usize,
    lease_seconds: u64,
) -> Result<Vec<Claim>, DbError> {
    engine
        .rpc(
            "claim_steps",
            &ClaimArguments {
                p_worker: worker,
                p_queues: &QUEUES,
                p_limit: limit,
                p_lease_seconds: lease_seconds,
            },
        )
        .await
}

/// Extends the lease; false when the claim was taken over.
///
/// # Errors
///
/// [`DbError`].
pub async fn extend(engine: &Db, claim: &Claim, lease_seconds: u64) -> Result<bool, DbError> {
    let arguments = json!({
        "p_step": claim.step_id, "p_fence": claim.fence, "p_lease_seconds": lease_seconds,
    });
    engine.rpc("extend_lease", &arguments).await
}

/// Ends a claim; false when it was taken over, and then nothing was changed.
///
/// # Errors
///
/// [`DbError`].
pub async fn finish(engine: &Db, claim: &Claim, outcome: &Outcome) -> Result<bool, DbError> {
    let outcome = match outcome {
        Outcome::Done => json!({"result": "done"}),
        Outcome::Again { after, reason } => {
            json!({"result": "again", "after_seconds": after.as_secs_f64(), "reason": reason})
        }
        Outcome::Wait { after, reason } => {
            json!({"result": "wait", "after_seconds": after.as_secs_f64(), "reason": reason})
        }
        Outcome::Retry { after, error } => {
            let after = after.unwrap_or_else(|| backoff(claim.attempt, fastrand::f64()));
            json!({"result": "retry", "after_seconds": after.as_secs_f64(), "error": error})
        }
        Outcome::GiveUp { error } => json!({"result": "give_up", "error": error}),
    };
    let arguments = json!({"p_step": claim.step_id, "p_fence": claim.fence, "p_outcome": outcome});
    engine.rpc("finish_step", &arguments).await
}

/// What is due and when, as `engine.pipeline_status` tells it.
#[derive(Debug, serde::Deserialize)]
pub struct Status {
    /// Steps that are due and unclaimed.
    pub due: u64,
    /// Steps under a lease.
    pub running: u64,
    /// Dead letters.
    pub dead: u64,
    /// Age of the oldest due step, in seconds.
    pub oldest_due_seconds: Option<f64>,
    /// Seconds until the next step is due or a lease ends; negative when one is overdue.
    pub next_due_seconds: Option<f64>,
    /// When steps were last claimed.
    pub last_dispatch_at: Option<jiff::Timestamp>,
}

/// Asks for the pipeline's state.
///
/// # Errors
///
/// [`DbError`].
pub async fn status(engine: &Db) -> Result<Status, DbError> {
    engine.rpc("pipeline_status", &json!({})).await
}
