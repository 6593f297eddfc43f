//! When to publish, by the hour of the week.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::slots::{IsoWeekday, LocalTime, WeeklySlot, default_week};
use scoring::best_time::{self, SETTINGS};

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

/// From the channel's results: when each video was published, in seconds since 1970, and how it did (the model's `r`).
pub(super) fn best_times(
    time_zone: String,
    slots: Vec<WeeklySlot>,
    timings: &[(f64, f64)],
) -> BestTimes {
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
    let enough = videos >= SETTINGS.min_total;
    let hours: Vec<BestHour> = if enough {
        let effects = best_time::effects(&SETTINGS, &results).into_iter();
        effects.filter_map(best_hour).collect()
    } else {
        Vec::new()
    };
    BestTimes {
        basis: if enough {
            BestTimesBasis::Results
        } else {
            BestTimesBasis::Default
        },
        videos,
        time_zone,
        summary: summary(videos, &hours),
        hours,
        slots,
        explore_every: SETTINGS.explore_every,
    }
}

fn summary(videos: usize, hours: &[BestHour]) -> String {
    if videos < SETTINGS.min_total {
        return format!(
            "Too few results to tell: {videos} of the {} videos needed were measured in their first days. These are the \
             channel's own slots.",
            SETTINGS.min_total
        );
    }
    match hours.iter().filter(|hour| hour.recommended).count() {
        0 => format!(
            "No hour stands out among {videos} videos: the hour hardly matters for this channel."
        ),
        count => format!(
            "{count} of the hours used so far did better than usual over {videos} videos. Hours explain little: take them \
             as a tie-breaker, and keep one slot in {} for trying others.",
            SETTINGS.explore_every
        ),
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
mod tests;
