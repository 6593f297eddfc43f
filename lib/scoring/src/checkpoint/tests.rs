use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::MODEL;

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn series(format: Option<Format>, published: &str, points: &[(i64, f64)]) -> Series {
    let published_at = time(published);
    let snapshots: Vec<Snapshot> = points
        .iter()
        .map(|&(hours, views)| Snapshot {
            observed_at: published_at + SignedDuration::from_hours(hours),
            basis: Basis::PublicViews,
            views,
            interactions: Some(views / 10.0),
            viewed_percent: None,
        })
        .collect();
    Series::new(Basis::PublicViews, format, published_at, &snapshots)
}

#[test]
fn interpolates_on_logarithms() {
    let value = interpolate((150.0, 11_200.0), (180.0, 13_000.0), 168.0);
    assert!((value - 12_287.13).abs() < 5e-3, "{value}");
    let series = series(
        Some(Format::Long),
        "2024-01-01T00:00:00Z",
        &[(180, 13_000.0), (150, 11_200.0)],
    );
    assert_eq!(series.at(&MODEL, 168).unwrap().views, value);
    assert_eq!(
        series.at(&MODEL, 168).unwrap().known_at,
        time("2024-01-08T12:00:00Z")
    );
}

#[test]
fn a_gap_is_not_bridged_and_nothing_is_extrapolated() {
    let gap = series(
        Some(Format::Long),
        "2024-01-01T00:00:00Z",
        &[(60, 900.0), (168, 2000.0)],
    );
    assert_eq!(gap.at(&MODEL, 72), None, "168/60 is 2.8");
    assert_eq!(gap.at(&MODEL, 48), None, "nothing before");
    assert_eq!(gap.at(&MODEL, 336), None, "nothing after");
    assert_eq!(
        gap.at(&MODEL, 168).unwrap().views,
        2000.0,
        "a snapshot at the checkpoint needs no neighbour"
    );
    let twice = series(
        Some(Format::Long),
        "2024-01-01T00:00:00Z",
        &[(36, 900.0), (72, 2000.0)],
    );
    assert!(twice.at(&MODEL, 48).is_some(), "exactly 2 is allowed");
}

#[test]
fn the_later_of_two_snapshots_at_one_moment_stands() {
    let series = series(
        Some(Format::Long),
        "2024-01-01T00:00:00Z",
        &[(24, 1.0), (24, 2.0), (48, 5.0)],
    );
    assert_eq!(series.at(&MODEL, 24).unwrap().views, 2.0);
}

#[test]
fn epochs_by_format_and_day() {
    let of = |format, published: &str, observed: &str| {
        Epoch::of(Basis::PublicViews, format, time(published), time(observed))
    };
    let (long, short) = (Some(Format::Long), Some(Format::Short));
    assert_eq!(
        of(long, "2025-03-01T00:00:00Z", "2026-08-23T23:59:59Z"),
        Some(Epoch::E0)
    );
    assert_eq!(
        of(short, "2025-03-31T00:00:00Z", "2026-08-23T23:59:59Z"),
        Some(Epoch::E1)
    );
    assert_eq!(
        of(None, "2025-03-31T00:00:00Z", "2026-08-23T23:59:59Z"),
        Some(Epoch::E1)
    );
    assert_eq!(
        of(short, "2025-03-01T00:00:00Z", "2025-03-30T23:59:59Z"),
        Some(Epoch::E0)
    );
    assert_eq!(
        of(short, "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z"),
        None,
        "counted both ways"
    );
    assert_eq!(
        of(long, "2026-08-01T00:00:00Z", "2026-08-24T00:00:00Z"),
        None,
        "the doubtful days"
    );
    assert_eq!(
        of(long, "2026-08-01T00:00:00Z", "2026-08-27T23:59:59Z"),
        None
    );
    assert_eq!(
        of(long, "2026-08-28T00:00:00Z", "2026-09-28T00:00:00Z"),
        Some(Epoch::E2)
    );
    assert_eq!(
        Epoch::of(
            Basis::EngagedViews,
            short,
            time("2025-03-01T00:00:00Z"),
            time("2026-10-01T00:00:00Z")
        ),
        Some(Epoch::E0),
        "engaged views never changed their meaning"
    );
}

proptest! {
    #[test]
    fn an_interpolated_count_lies_between_its_neighbours(
        low in 1.0_f64..2000.0, ratio in 1.01_f64..2.0, place in 0.0_f64..=1.0,
        from in 0_u32..10_000_000, gain in 0_u32..10_000_000,
    ) {
        let (from, to) = (f64::from(from), f64::from(from) + f64::from(gain));
        let age = low + (low * ratio - low) * place;
        let value = interpolate((low, from), (low * ratio, to), age);
        prop_assert!(value >= from * (1.0 - 1e-9) - 1e-6 && value <= to * (1.0 + 1e-9) + 1e-6);
    }
}
