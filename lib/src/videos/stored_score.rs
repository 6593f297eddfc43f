//! A score as it is stored.

use serde::Serialize;
use uuid::Uuid;

use super::scoring_input::Input;
use scoring::channel::Verdict;
use scoring::{Basis, Component, Confidence, Epoch, Format, Label, MODEL, Measures, inspiration};

/// A row for `store_scores`.
#[derive(Debug, Serialize)]
pub(super) struct StoredScore<'a> {
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
    components: Option<Components<'a>>,
    measures: Option<Measures>,
    baseline_video_ids: Vec<Uuid>,
    inspiration_order: Option<f64>,
    timing_r: Option<f64>,
    timing_checkpoint_hours: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Components<'a> {
    reach: &'a Component,
    velocity: Option<&'a Component>,
    engagement: Option<&'a Component>,
    retention: Option<&'a Component>,
}

/// A score that is withheld has a label too.
pub(super) fn label_of(verdict: &Verdict) -> Label {
    match &verdict.result {
        Ok(score) => score.label,
        Err(reason) => reason.label(),
    }
}

/// The row of one video.
pub(super) fn stored<'a>(input: &Input, index: usize, verdict: &'a Verdict) -> StoredScore<'a> {
    let score = verdict.result.as_ref().ok();
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
        label: label_of(verdict),
        withheld: verdict.result.as_ref().err().map(|reason| reason.as_str()),
        n: verdict.baseline.len(),
        score: score.map(|score| score.score),
        multiplier: score.map(|score| score.multiplier),
        raw_multiplier: score.map(|score| score.raw_multiplier),
        log_multiplier,
        z_total: score.map(|score| score.z_total),
        confidence: score.map(|score| score.confidence),
        confidence_level: score.map(|score| Confidence::of(&MODEL, score.confidence)),
        components: score.map(|score| Components {
            reach: &score.reach,
            velocity: score.velocity.as_ref(),
            engagement: score.engagement.as_ref(),
            retention: score.retention.as_ref(),
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
