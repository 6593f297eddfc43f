use jiff::SignedDuration;

use super::*;
use crate::{Label, MODEL};

fn video(day: i64, format: Format, basis: Basis, points: &[(i64, f64)]) -> Video {
    let published_at = Timestamp::from_second(1_600_000_000 + day * 86_400).expect("in range");
    Video {
        published_at,
        tie: day,
        format: Some(format),
        snapshots: points
            .iter()
            .map(|&(hours, views)| Snapshot {
                observed_at: published_at + SignedDuration::from_hours(hours),
                basis,
                views,
                interactions: None,
                viewed_percent: None,
            })
            .collect(),
    }
}

fn shown(videos: &[Video]) -> Vec<Option<AtCheckpoint>> {
    score_channel(&MODEL, videos, |_, _| 0.0)
        .iter()
        .map(|list| best(&MODEL, list).cloned())
        .collect()
}

fn long(day: i64, views: f64) -> Video {
    video(
        day,
        Format::Long,
        Basis::PublicViews,
        &[(72, views / 2.0), (168, views)],
    )
}

#[test]
fn a_short_changes_nothing_among_long_videos() {
    let mut videos: Vec<Video> = (0..8).map(|day| long(day, 1000.0 + day as f64)).collect();
    let before = shown(&videos);
    videos.push(video(
        3,
        Format::Short,
        Basis::PublicViews,
        &[(72, 5.0e6), (168, 9.0e6)],
    ));
    let after = shown(&videos);
    assert_eq!(before[..], after[..8]);
    assert_eq!(
        after[8].as_ref().unwrap().result,
        Err(Withheld::TooFew { n: 0 })
    );
}

#[test]
fn another_epoch_or_basis_is_left_out() {
    // Six videos before the change of August 2026, four after it.
    let start = "2026-08-01T00:00:00Z".parse::<Timestamp>().expect("a time");
    let mut videos: Vec<Video> = (0..10).map(|day| long(day, 1000.0)).collect();
    for (place, video) in videos.iter_mut().enumerate() {
        let day = if place < 6 {
            place as i64
        } else {
            40 + place as i64
        };
        let moved = start + SignedDuration::from_hours(24 * day);
        for snapshot in &mut video.snapshots {
            snapshot.observed_at = moved + snapshot.observed_at.duration_since(video.published_at);
        }
        video.published_at = moved;
    }
    let results = shown(&videos);
    assert_eq!(results[5].as_ref().unwrap().n(), 5);
    let last = results[9].as_ref().unwrap();
    assert_eq!((last.epoch, last.n()), (Epoch::E2, 3));
    assert_eq!(last.result.as_ref().unwrap().label, Label::Provisional);
    for snapshot in &mut videos[8].snapshots {
        snapshot.basis = Basis::EngagedViews;
    }
    assert_eq!(
        shown(&videos)[9].as_ref().unwrap().result,
        Err(Withheld::TooFew { n: 2 })
    );
}

#[test]
fn a_full_baseline_beats_an_older_age() {
    let mut videos: Vec<Video> = (0..4).map(|day| long(day, 1000.0)).collect();
    videos.extend((4..7).map(|day| video(day, Format::Long, Basis::PublicViews, &[(72, 500.0)])));
    videos.push(long(8, 4000.0));
    let last = shown(&videos).pop().flatten().unwrap();
    assert_eq!(
        (last.checkpoint_h, last.n()),
        (72, 7),
        "the week has four predecessors, three days have seven"
    );
    assert_eq!(last.measures.views, 2000.0);
}

#[test]
fn velocity_needs_the_checkpoint_before() {
    let videos: Vec<Video> = (0..6).map(|day| long(day, 1000.0)).collect();
    let results = score_channel(&MODEL, &videos, |_, _| 0.0);
    let week = results[5]
        .iter()
        .find(|result| result.checkpoint_h == 168)
        .unwrap();
    assert_eq!(week.measures.gained, Some(500.0));
    assert!(week.result.as_ref().unwrap().velocity.is_some());
    let three_days = results[5]
        .iter()
        .find(|result| result.checkpoint_h == 72)
        .unwrap();
    assert_eq!(three_days.measures.gained, None);
}
