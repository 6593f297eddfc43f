//! `channel.score`: scores every video of a channel anew.
//!
//! Everything is read, compared and stored again, so the step may run any number of times: a score that did not change
//! is not written. The reading is a few calls of up to a thousand videos; the arithmetic takes milliseconds.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::detail::ScoreComponents;
use super::scoring_input::{Input, read};
use crate::pipeline::{Claim, Outcome, StepCtx, in_parts};
use platform::db::DbError;
use scoring::channel::{self, Verdict};
use scoring::{Basis, Confidence, Epoch, Format, Label, MODEL, Measures, inspiration};

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
            if error.is_transient() {
                let message = "The database did not answer while the channel was scored.";
                return Outcome::retry("database_unavailable", message);
            }
            Outcome::retry("internal", "The database refused what scoring asked of it.")
        }
    }
}

async fn score(ctx: &StepCtx, claim: &Claim) -> Result<(), DbError> {
    let input = read(&ctx.engine(), claim.subject_id).await?;
    let verdicts = channel::score(&MODEL, &input.videos, input.now, input.synced_at);
    let scores: Vec<StoredScore> = verdicts
        .iter()
        .enumerate()
        .map(|(index, verdict)| stored(&input, index, verdict))
        .collect();
    let mut changed = 0;
    for batch in scores.chunks(BATCH) {
        let answers: Vec<Stored> = in_parts(batch.len(), |part| {
            ctx.fenced(claim, "store_scores", json!({ "p_scores": &batch[part] }))
        })
        .await?;
        changed += answers.iter().map(|answer| answer.changed).sum::<u64>();
    }
    let count = |wanted: fn(&StoredScore) -> bool| scores.iter().filter(|row| wanted(row)).count();
    let summary = json!({
        "videos": scores.len(),
        "scored": count(|row| row.withheld.is_none()),
        "outliers": count(|row| row.label == Label::Outlier),
        "withheld": count(|row| row.withheld.is_some()),
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

/// A row for `store_scores`.
#[derive(Debug, Serialize)]
struct StoredScore {
    video_id: Uuid,
    model_version: &'static str,
    format: Option<Format>,
    basis: Basis,
    epoch: Option<Epoch>,
    checkpoint_hours: Option<u32>,
    age_hours: Option<f64>,
    label: Label,
    withheld: Option<&'static str>,
    n: usize,
    score: Option<u8>,
    multiplier: Option<f64>,
    raw_multiplier: Option<f64>,
    log_multiplier: Option<f64>,
    z_total: Option<f64>,
    confidence: Option<f64>,
    confidence_level: Option<Confidence>,
    components: Option<ScoreComponents>,
    measures: Option<Measures>,
    baseline_video_ids: Vec<Uuid>,
    inspiration_order: Option<f64>,
    timing_r: Option<f64>,
    timing_checkpoint_hours: Option<u32>,
}

/// The row of one video.
fn stored(input: &Input, index: usize, verdict: &Verdict) -> StoredScore {
    let result = verdict.result.as_ref();
    let score = result.ok();
    let video = &input.videos[index];
    let log_multiplier = score.map(|score| score.log_multiplier(&MODEL));
    StoredScore {
        video_id: input.ids[index],
        model_version: MODEL.version,
        format: video.format,
        basis: verdict.basis,
        epoch: verdict.epoch,
        checkpoint_hours: verdict.checkpoint_h,
        age_hours: verdict.checkpoint_h.map(f64::from),
        // A score that is withheld has a label too.
        label: result.map_or_else(|reason| reason.label(), |score| score.label),
        withheld: result.err().map(|reason| reason.as_str()),
        n: verdict.baseline.len(),
        score: score.map(|score| score.score),
        multiplier: score.map(|score| score.multiplier),
        raw_multiplier: score.map(|score| score.raw_multiplier),
        log_multiplier,
        z_total: score.map(|score| score.z_total),
        confidence: score.map(|score| score.confidence),
        confidence_level: score.map(|score| Confidence::of(&MODEL, score.confidence)),
        components: score.map(|score| ScoreComponents {
            reach: score.reach,
            velocity: score.velocity,
            engagement: score.engagement,
            retention: score.retention,
        }),
        measures: score.map(|_| verdict.measures),
        baseline_video_ids: verdict
            .baseline
            .iter()
            .map(|&member| input.ids[member])
            .collect(),
        inspiration_order: log_multiplier
            .and_then(|log| inspiration::order(&MODEL, log, video.published_at)),
        timing_r: verdict.timing.map(|(r, _)| r),
        timing_checkpoint_hours: verdict.timing.map(|(_, hours)| hours),
    }
}

#[cfg(test)]
mod tests;
