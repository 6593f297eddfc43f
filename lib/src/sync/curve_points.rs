//! The points of a daily curve that are worth storing.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use clients::quota_day::QuotaDay;
use clients::youtube::analytics::{Basis, Curve};

/// Most days of a curve that are read.
const MAX_DAYS: usize = 400;

/// Cumulative counters at the end of a day in Los Angeles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Point {
    basis: Basis,
    observed_at: Timestamp,
    views: i64,
    likes: i64,
    comments: i64,
    pub(super) average_view_percentage: Option<f64>,
}

/// Sums a daily curve up, and keeps the days before and after each age at which the scoring model looks, and the last one.
///
/// Days up to `through` that Analytics leaves out brought nothing; days behind it are unknown.
pub(super) fn points(curve: &Curve, published: Timestamp, through: Option<Date>) -> Vec<Point> {
    let days = day_ends(curve, published, through);
    let age = |index: usize| days.get(index).map(|(age, _)| *age);
    let keep = |index: usize, at: f64| {
        let before = index.checked_sub(1).and_then(age).unwrap_or(0.0);
        let after = age(index + 1).unwrap_or(f64::INFINITY);
        let last = index + 1 == days.len();
        last || checkpoint_hours()
            .any(|hours| (before < hours && hours <= at) || (at <= hours && hours < after))
    };
    days.iter()
        .enumerate()
        .filter(|(index, (age, _))| *age > 0.0 && keep(*index, *age))
        .map(|(_, (_, point))| point.clone())
        .collect()
}

/// Every day's end, with the video's age in hours.
fn day_ends(curve: &Curve, published: Timestamp, through: Option<Date>) -> Vec<(f64, Point)> {
    let first = QuotaDay::of(published).date();
    let Some(last) = curve.days.last().map(|day| day.day).max(through) else {
        return Vec::new();
    };
    let by_day: HashMap<Date, _> = curve.days.iter().map(|day| (day.day, day)).collect();
    let (mut views, mut likes, mut comments) = (0.0, 0.0, 0.0);
    let (mut watched, mut watched_views) = (0.0, 0.0);
    first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .take(MAX_DAYS)
        .map(|date| {
            if let Some(day) = by_day.get(&date) {
                views += day.views;
                likes += day.likes;
                comments += day.comments;
                if let Some(percentage) = day.average_view_percentage {
                    watched += percentage * day.views;
                    watched_views += day.views;
                }
            }
            let observed_at = QuotaDay::on(date).end();
            let age_hours = observed_at.duration_since(published).as_secs_f64() / 3600.0;
            let point = Point {
                basis: curve.basis,
                observed_at,
                views: whole(views),
                likes: whole(likes),
                comments: whole(comments),
                average_view_percentage: (watched_views > 0.0).then(|| watched / watched_views),
            };
            (age_hours, point)
        })
        .collect()
}

/// Ages at which the scoring model looks that whole days can show.
fn checkpoint_hours() -> impl Iterator<Item = f64> {
    let hours = scoring::MODEL.checkpoints_h.into_iter();
    hours.filter(|hours| *hours >= 24).map(f64::from)
}

fn whole(sum: f64) -> i64 {
    sum.round().clamp(0.0, 9.0e15) as i64
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use clients::youtube::analytics::Day;

    fn day(day: Date, views: f64) -> Day {
        Day {
            day,
            views,
            likes: 1.0,
            comments: 0.0,
            average_view_percentage: Some(50.0),
        }
    }

    fn curve(days: Vec<Day>) -> Curve {
        Curve {
            basis: Basis::EngagedViews,
            days,
        }
    }

    #[test]
    fn a_curve_is_kept_around_each_age_of_the_model() {
        let published: Timestamp = "2026-06-01T19:00:00Z".parse().unwrap(); // 12:00 in Los Angeles
        let days = (0..60)
            .map(|offset| {
                day(
                    date(2026, 6, 1).saturating_add(jiff::Span::new().days(offset)),
                    10.0,
                )
            })
            .collect();
        let points = points(&curve(days), published, None);
        let ages: Vec<_> = points
            .iter()
            .map(|point| point.observed_at.duration_since(published).as_hours())
            .collect();
        // 24, 48 and 72 h, 7, 14 and 28 days, each between two day ends (12 h after noon, then every 24 h); then the last day.
        assert_eq!(ages, [12, 36, 60, 84, 156, 180, 324, 348, 660, 684, 1428]);
        assert_eq!(points[0].views, 10);
        assert_eq!(points.last().unwrap().views, 600);
        assert_eq!(points.last().unwrap().average_view_percentage, Some(50.0));
    }

    #[test]
    fn days_behind_the_processed_ones_are_unknown_and_days_before_them_brought_nothing() {
        let published: Timestamp = "2026-06-01T19:00:00Z".parse().unwrap();
        let sparse = curve(vec![day(date(2026, 6, 1), 5.0)]);
        assert_eq!(points(&sparse, published, None).len(), 1);
        let known = points(&sparse, published, Some(date(2026, 6, 3)));
        assert_eq!(
            known.iter().map(|point| point.views).collect::<Vec<_>>(),
            [5, 5, 5]
        );
        assert!(points(&curve(Vec::new()), published, None).is_empty());
    }

    proptest! {
        #[test]
        fn points_rise_in_time_and_never_fall_below_zero(
            gains in prop::collection::vec((0_i64..120, 0.0_f64..1e6), 0..60), hour in 0_i64..48,
        ) {
            let start = date(2026, 1, 1);
            let published = "2026-01-01T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour);
            let mut days: Vec<Day> = gains.into_iter()
                .map(|(offset, views)| day(start.saturating_add(jiff::Span::new().days(offset)), views)).collect();
            days.sort_by_key(|day| day.day);
            days.dedup_by_key(|day| day.day);
            let points = points(&curve(days), published, None);
            prop_assert!(points.is_sorted_by(|a, b| a.observed_at < b.observed_at && a.views <= b.views));
            prop_assert!(points.iter().all(|point| point.views >= 0 && point.observed_at > published));
            prop_assert!(points.len() <= 2 * checkpoint_hours().count() + 1);
        }
    }
}
