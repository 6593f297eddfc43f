//! What a channel's scores say as a whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::best_times::{BestTimes, best_times};
use super::video::ScoredVideo;
use crate::slots::WeeklySlot;
use platform::db::{Db, DbError};
use platform::ids::ChannelId;
use scoring::{Basis, Format, MODEL, explain};

/// The middle half of the videos lies between so many spreads below and above the level; the upper tail is the heavier one.
const MIDDLE_HALF: [f64; 2] = [-0.674, 0.750];

/// What a channel's scores say as a whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Insights {
    /// The channel.
    pub channel_id: ChannelId,
    /// `Content Catalyst score, not a YouTube metric`.
    pub notice: &'static str,
    /// Version of the model.
    pub model_version: &'static str,
    /// Whether scores may be shown: the operator has accepted YouTube's derived-metrics amendment. Without it all that is
    /// derived stays empty.
    pub scores_shown: bool,
    /// When the channel was last synchronised.
    pub last_synced_at: Option<Timestamp>,
    /// When a scoring pass over all videos last ended; null before the first one.
    pub last_scored_at: Option<Timestamp>,
    /// Each format with its results, the one with most videos first.
    pub formats: Vec<FormatInsight>,
    /// What is usual for the channel today, per format and age.
    pub baselines: Vec<UsualRange>,
    /// Up to ten outliers, those most worth learning from first.
    pub outliers: Vec<ScoredVideo>,
    /// Up to ten videos that did worse than usual, the worst recent ones first.
    pub flops: Vec<ScoredVideo>,
    /// When to publish.
    pub best_times: BestTimes,
}

/// One format of a channel.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FormatInsight {
    /// The format; null for videos of which YouTube has not said it.
    pub format: Option<Format>,
    /// How many videos.
    pub videos: i64,
    /// How many have a number.
    pub scored: i64,
    /// Labelled `outlier`.
    pub outliers: i64,
    /// Labelled `above`.
    pub above: i64,
    /// Labelled `typical`.
    pub typical: i64,
    /// Labelled `below`.
    pub below: i64,
    /// Labelled `provisional`.
    pub provisional: i64,
    /// Without a number.
    pub withheld: i64,
    /// Median published multiplier of the last 365 days: above 1 the format gains on itself.
    pub median_multiplier: Option<f64>,
    /// When its newest video was published.
    pub newest_at: Option<Timestamp>,
}

/// What was usual when the newest video of a format was compared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsualRange {
    /// The format.
    pub format: Option<Format>,
    /// What the views count.
    pub basis: Basis,
    /// At which age in hours; null for totals.
    pub checkpoint_hours: Option<u32>,
    /// How many videos it rests on.
    pub n: usize,
    /// Median views.
    pub typical_views: f64,
    /// Three of four videos have more.
    pub usual_from: f64,
    /// Three of four videos have fewer.
    pub usual_to: f64,
    /// When the newest video compared with it was published.
    pub until: Timestamp,
}

/// Answer of `channel_insights`.
#[derive(Deserialize)]
struct Row {
    time_zone: String,
    posting_slots: Vec<WeeklySlot>,
    last_synced_at: Option<Timestamp>,
    last_scored_at: Option<Timestamp>,
    scores_shown: bool,
    formats: Vec<FormatInsight>,
    baselines: Vec<BaselineRow>,
    outliers: Vec<ScoredVideo>,
    flops: Vec<ScoredVideo>,
    timings: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct BaselineRow {
    format: Option<Format>,
    basis: Basis,
    checkpoint_hours: Option<u32>,
    n: usize,
    m: f64,
    s: f64,
    until: Timestamp,
}

/// Reads a channel's insights, as the caller may see them.
///
/// # Errors
///
/// [`DbError::NotFound`] for a channel that is not there or not the caller's.
pub async fn insights(db: &Db, channel: ChannelId) -> Result<Insights, DbError> {
    let row: Option<Row> = db
        .call("channel_insights", &json!({ "p_channel": channel }))
        .await?;
    let row = row.ok_or(DbError::NotFound)?;
    Ok(Insights {
        channel_id: channel,
        notice: explain::NOTICE,
        model_version: MODEL.version,
        scores_shown: row.scores_shown,
        last_synced_at: row.last_synced_at,
        last_scored_at: row.last_scored_at,
        formats: row.formats,
        baselines: row.baselines.into_iter().map(usual_range).collect(),
        outliers: row.outliers,
        flops: row.flops,
        best_times: best_times(row.time_zone, row.posting_slots, &row.timings),
    })
}

fn usual_range(row: BaselineRow) -> UsualRange {
    let views = |spreads: f64| (row.m + spreads * row.s).exp_m1().max(0.0);
    UsualRange {
        format: row.format,
        basis: row.basis,
        checkpoint_hours: row.checkpoint_hours,
        n: row.n,
        typical_views: views(0.0),
        usual_from: views(MIDDLE_HALF[0]),
        usual_to: views(MIDDLE_HALF[1]),
        until: row.until,
    }
}
