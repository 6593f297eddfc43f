//! What a channel's scores say as a whole.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::slots::{IsoWeekday, LocalTime, WeeklySlot, default_week};
use platform::db::{Db, DbError};
use platform::ids::{ChannelId, VideoId};
use scoring::best_time::{self, SETTINGS};
use scoring::{Basis, Confidence, Format, Label, MODEL, explain};

/// The middle half of a normal distribution lies within this many spreads of its median.
const MIDDLE_HALF: f64 = 0.674;

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
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_synced_at: Option<Timestamp>,
    /// When a scoring pass over all videos last ended; null before the first one.
    #[schema(value_type = Option<String>, format = DateTime)]
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
    #[schema(value_type = Option<String>, format = DateTime)]
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
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// A video with its score in short.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ScoredVideo {
    /// Our id.
    pub id: VideoId,
    /// YouTube's id.
    pub youtube_video_id: String,
    /// Its title.
    pub title: String,
    /// Its format.
    pub format: Option<Format>,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
    /// YouTube's counter.
    pub views: Option<i64>,
    /// Our score.
    pub score: i16,
    /// Our multiplier.
    pub multiplier: f64,
    /// The score in one word.
    pub label: Label,
    /// How sure it is.
    pub confidence_level: Confidence,
}

/// What the times rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BestTimesBasis {
    /// The channel's own results.
    Results,
    /// Too few results: the channel's own slots.
    Default,
}

/// When to publish, and how sure that is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BestTimes {
    /// What they rest on.
    pub basis: BestTimesBasis,
    /// How many videos have a result at an early age; below 20 the basis is `default`.
    pub videos: usize,
    /// The zone of every hour below.
    pub time_zone: String,
    /// Hours with their effect, best first; empty on the basis `default`.
    pub hours: Vec<BestHour>,
    /// The channel's posting slots (every evening at 18:00 when it has named none).
    pub slots: Vec<WeeklySlot>,
    /// One slot in this many should try another hour, or nothing new is ever learnt.
    pub explore_every: u32,
    /// What to make of it, in a sentence.
    pub summary: String,
}

/// One hour of the week.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BestHour {
    /// Day of the week, 1 (Monday) to 7 (Sunday).
    #[schema(value_type = u8, minimum = 1, maximum = 7, example = 2)]
    pub weekday: IsoWeekday,
    /// Local time at which the hour begins, `HH:00`.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):00$", example = "18:00")]
    pub time: LocalTime,
    /// How many videos were published in it.
    pub videos: usize,
    /// Estimated effect on the logarithm of views, pulled toward 0.
    pub effect: f64,
    /// The same as a multiple of the usual views.
    pub multiplier: f64,
    /// Whether at least three videos say so and the effect is positive.
    pub recommended: bool,
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

#[derive(Serialize)]
struct Arguments {
    p_channel: ChannelId,
}

/// Reads a channel's insights, as the caller may see them.
///
/// # Errors
///
/// [`DbError::NotFound`] for a channel that is not there or not the caller's.
pub async fn insights(db: &Db, channel: ChannelId) -> Result<Insights, DbError> {
    let row: Option<Row> = db
        .call("channel_insights", &Arguments { p_channel: channel })
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
        usual_from: views(-MIDDLE_HALF),
        usual_to: views(MIDDLE_HALF),
        until: row.until,
    }
}

/// `timings`: seconds since 1970 and r, per video.
fn best_times(time_zone: String, slots: Vec<WeeklySlot>, timings: &[(f64, f64)]) -> BestTimes {
    let zone = TimeZone::get(&time_zone).unwrap_or(TimeZone::UTC);
    let slots = if slots.is_empty() {
        default_week()
    } else {
        slots
    };
    let results: Vec<(usize, f64)> = timings
        .iter()
        .filter_map(|&(seconds, r)| Some((hour_of_week(seconds, &zone)?, r)))
        .collect();
    let videos = results.len();
    if videos < SETTINGS.min_total {
        let summary = format!(
            "Too few results to tell: {videos} of the {} videos needed were measured in their first days. These are the \
             channel's own slots.",
            SETTINGS.min_total
        );
        return BestTimes {
            basis: BestTimesBasis::Default,
            videos,
            time_zone,
            hours: Vec::new(),
            slots,
            explore_every: SETTINGS.explore_every,
            summary,
        };
    }
    let hours: Vec<BestHour> = best_time::effects(&SETTINGS, &results)
        .into_iter()
        .filter_map(best_hour)
        .collect();
    let recommended = hours.iter().filter(|hour| hour.recommended).count();
    let summary = match recommended {
        0 => format!(
            "No hour stands out among {videos} videos: the hour hardly matters for this channel."
        ),
        count => format!(
            "{count} of the hours used so far did better than usual over {videos} videos. Hours explain little: take them \
             as a tie-breaker, and keep one slot in {} for trying others.",
            SETTINGS.explore_every
        ),
    };
    BestTimes {
        basis: BestTimesBasis::Results,
        videos,
        time_zone,
        hours,
        slots,
        explore_every: SETTINGS.explore_every,
        summary,
    }
}

/// 0 is Monday 00:00 to 01:00 on the clocks of `zone`.
fn hour_of_week(seconds: f64, zone: &TimeZone) -> Option<usize> {
    let local = Timestamp::from_second(seconds as i64)
        .ok()?
        .to_zoned(zone.clone());
    let hour = i16::from(local.weekday().to_monday_zero_offset()) * 24 + i16::from(local.hour());
    usize::try_from(hour).ok()
}

fn best_hour(hour: best_time::Hour) -> Option<BestHour> {
    Some(BestHour {
        weekday: IsoWeekday::new(i8::try_from(hour.hour_of_week / 24 + 1).ok()?)?,
        time: LocalTime::new(i8::try_from(hour.hour_of_week % 24).ok()?, 0)?,
        videos: hour.videos,
        effect: hour.effect,
        multiplier: hour.effect.exp(),
        recommended: hour.recommended,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> f64 {
        text.parse::<Timestamp>().expect("a time").as_second() as f64
    }

    #[test]
    fn below_twenty_videos_the_channels_own_slots_are_returned() {
        let timings: Vec<(f64, f64)> = (0..19).map(|i| (f64::from(i) * 86_400.0, 1.0)).collect();
        let times = best_times("Europe/Berlin".to_owned(), Vec::new(), &timings);
        assert_eq!(times.basis, BestTimesBasis::Default);
        assert_eq!((times.slots.len(), times.hours.len()), (7, 0));
    }

    #[test]
    fn hours_are_those_of_the_audiences_clocks() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        // Monday 00:30 in Berlin, in summer and in winter.
        assert_eq!(
            hour_of_week(seconds("2026-07-05T22:30:00Z"), &berlin),
            Some(0)
        );
        assert_eq!(
            hour_of_week(seconds("2026-11-15T23:30:00Z"), &berlin),
            Some(0)
        );
        let timings: Vec<(f64, f64)> = (0..20)
            .map(|week| {
                (
                    seconds("2026-07-05T16:00:00Z") - f64::from(week) * 604_800.0,
                    0.5,
                )
            })
            .collect();
        let times = best_times("Europe/Berlin".to_owned(), Vec::new(), &timings);
        assert_eq!(times.basis, BestTimesBasis::Results);
        let best = serde_json::to_value(&times.hours[0]).expect("JSON");
        assert_eq!(
            (best["weekday"].as_i64(), best["time"].as_str()),
            (Some(7), Some("18:00"))
        );
        assert_eq!(best["recommended"], true);
    }
}
