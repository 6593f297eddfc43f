//! `channel.score`: scores every video of a channel anew.
//!
//! Everything is read, compared and stored again, so the step may run any number of times: a score that did not change
//! is not written. The reading is a few calls of up to a thousand videos; the arithmetic takes milliseconds.

use serde::Deserialize;
use serde_json::json;

use super::scoring_input::read;
use super::stored_score::{StoredScore, label_of, stored};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use platform::db::DbError;
use scoring::{Label, MODEL, channel};

/// Name of the step.
pub const KIND: &str = "channel.score";

/// Scores stored at once: well below a second each.
const BATCH: usize = 500;

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match score(ctx, claim).await {
        Ok(()) => Outcome::Done,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(error = %error, error.cause = cause, "scoring was interrupted");
            let error = if error.is_transient() {
                StepError::new(
                    "database_unavailable",
                    "The database did not answer while the channel was scored.",
                )
            } else {
                StepError::new("internal", "The database refused what scoring asked of it.")
            };
            Outcome::Retry { after: None, error }
        }
    }
}

async fn score(ctx: &StepCtx, claim: &Claim) -> Result<(), DbError> {
    let input = read(&ctx.engine(), claim.subject_id).await?;
    let verdicts = channel::score(&MODEL, &input.videos, input.now, input.synced_at);
    let scores: Vec<StoredScore<'_>> = verdicts
        .iter()
        .enumerate()
        .map(|(index, verdict)| stored(&input, index, verdict))
        .collect();
    let mut changed = 0;
    for batch in scores.chunks(BATCH) {
        let answer: Stored = ctx
            .fenced(claim, "store_scores", json!({ "p_scores": batch }))
            .await?;
        changed += answer.changed;
    }
    let count = |label: Label| {
        verdicts
            .iter()
            .filter(|verdict| label_of(verdict) == label)
            .count()
    };
    let summary = json!({
        "videos": verdicts.len(),
        "scored": verdicts.iter().filter(|verdict| verdict.result.is_ok()).count(),
        "outliers": count(Label::Outlier),
        "withheld": verdicts.iter().filter(|verdict| verdict.result.is_err()).count(),
        "changed": changed,
        "model_version": MODEL.version,
    });
    ctx.fenced(claim, "finish_scores", json!({ "p_summary": summary }))
        .await
}

#[derive(Deserialize)]
struct Stored {
    changed: u64,
}
