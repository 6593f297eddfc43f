//! `channel.score`: scores every video of a channel anew.
//!
//! Everything is read, compared and stored again, so the step may run any number of times: a score that did not change
//! is not written. The reading is a few calls of up to a thousand videos; the arithmetic takes milliseconds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Claim, Outcome, StepCtx, StepError};
use platform::db::{Db, DbError};
use scoring::channel::{self, StoredVideo, Verdict};
use scoring::{
    Basis, Component, Confidence, Epoch, Format, Label, MODEL, Measures, Snapshot, inspiration,
};

/// Name of the step.
pub const KIND: &str = "channel.score";

/// Videos read at once: what the function allows.
const PAGE: usize = 1000;
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

/// A channel as it was read.
struct Input {
    now: Timestamp,
    synced_at: Option<Timestamp>,
    ids: Vec<Uuid>,
    videos: Vec<StoredVideo>,
}

#[derive(Deserialize)]
struct Page {
    now: f64,
    last_synced: Option<f64>,
    videos: Vec<VideoRow>,
}

#[derive(Deserialize)]
struct VideoRow {
    id: Uuid,
    youtube_video_id: String,
    published_at: f64,
    format: Option<Format>,
    views: Option<f64>,
    likes: Option<f64>,
    comments: Option<f64>,
    analytics_at: Option<f64>,
    snapshots: Vec<SnapshotRow>,
}

/// Basis, seconds since 1970, views, likes, comments, average percentage viewed.
type SnapshotRow = (Basis, f64, f64, Option<f64>, Option<f64>, Option<f64>);

#[derive(Serialize)]
struct PageArguments {
    p_channel: Uuid,
    p_after: Option<Uuid>,
    p_limit: usize,
}

async fn read(engine: &Db, channel: Uuid) -> Result<Input, DbError> {
    let mut rows: Vec<VideoRow> = Vec::new();
    loop {
        let arguments = PageArguments {
            p_channel: channel,
            p_after: rows.last().map(|row| row.id),
            p_limit: PAGE,
        };
        let page: Page = engine.call("scoring_input", &arguments).await?;
        let full = page.videos.len() == PAGE;
        rows.extend(page.videos);
        if !full {
            return Ok(input(page.now, page.last_synced, rows));
        }
    }
}

fn input(now: f64, last_synced: Option<f64>, mut rows: Vec<VideoRow>) -> Input {
    // The smaller YouTube id counts as the earlier of two videos published at the same time.
    rows.sort_unstable_by(|a, b| a.youtube_video_id.cmp(&b.youtube_video_id));
    let (ids, videos) = rows
        .into_iter()
        .zip(0_i64..)
        .map(|(row, tie)| {
            let snapshot =
                |(basis, observed, views, likes, comments, percent): (_, f64, _, _, _, _)| {
                    Snapshot {
                        observed_at: time(observed),
                        basis,
                        views,
                        interactions: sum(likes, comments),
                        viewed_percent: percent,
                    }
                };
            let video = StoredVideo {
                published_at: time(row.published_at),
                tie,
                format: row.format,
                views: row.views,
                interactions: sum(row.likes, row.comments),
                analytics_at: row.analytics_at.map(time),
                snapshots: row.snapshots.into_iter().map(snapshot).collect(),
            };
            (row.id, video)
        })
        .unzip();
    Input {
        now: time(now),
        synced_at: last_synced.map(time),
        ids,
        videos,
    }
}

fn sum(likes: Option<f64>, comments: Option<f64>) -> Option<f64> {
    likes
        .zip(comments)
        .map(|(likes, comments)| likes + comments)
}

/// Postgres' seconds since 1970, to the microsecond it keeps.
fn time(seconds: f64) -> Timestamp {
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A row for `store_scores`.
#[derive(Debug, Serialize)]
struct StoredScore<'a> {
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

fn label_of(verdict: &Verdict) -> Label {
    match &verdict.result {
        Ok(score) => score.label,
        Err(reason) => reason.label(),
    }
}

fn stored<'a>(input: &Input, index: usize, verdict: &'a Verdict) -> StoredScore<'a> {
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
mod tests {
    use super::*;

    fn rows(count: i64) -> Vec<VideoRow> {
        (0..count)
            .map(|day| VideoRow {
                id: Uuid::from_u128(day as u128),
                youtube_video_id: format!("v{day:03}"),
                published_at: (day * 86_400) as f64,
                format: Some(Format::Long),
                views: Some(1000.0 + day as f64),
                likes: Some(10.0),
                comments: None,
                analytics_at: None,
                snapshots: vec![(
                    Basis::PublicViews,
                    (day * 86_400 + 172_800) as f64,
                    500.0,
                    Some(4.0),
                    Some(1.0),
                    None,
                )],
            })
            .collect()
    }

    #[test]
    fn a_row_has_a_number_or_a_reason() {
        let input = input(86_400.0 * 400.0, None, rows(8));
        let verdicts = channel::score(&MODEL, &input.videos, input.now, input.synced_at);
        let last = serde_json::to_value(stored(&input, 7, &verdicts[7])).expect("JSON");
        assert_eq!(last["basis"], "public_views");
        assert_eq!(last["epoch"], "E0");
        assert_eq!(last["checkpoint_hours"], 48);
        assert_eq!(last["label"], "typical");
        assert_eq!(last["n"], 7);
        assert_eq!(last["timing_checkpoint_hours"], 48);
        assert!(last["withheld"].is_null() && last["components"]["reach"]["m"].is_number());
        let first = serde_json::to_value(stored(&input, 0, &verdicts[0])).expect("JSON");
        assert_eq!(first["withheld"], "too_few");
        for field in [
            "score",
            "multiplier",
            "confidence",
            "confidence_level",
            "inspiration_order",
        ] {
            assert!(first[field].is_null(), "{field}");
        }
    }

    #[test]
    fn seconds_keep_their_microseconds() {
        assert_eq!(
            time(1_700_000_000.123_456),
            "2023-11-14T22:13:20.123456Z".parse().expect("a time")
        );
    }
}
