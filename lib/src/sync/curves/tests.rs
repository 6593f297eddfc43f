use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use clients::youtube::analytics::{Curve, Day};

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
