use super::*;
use crate::{Label, MODEL};

fn now() -> Timestamp {
    "2024-06-01T00:00:00Z".parse().expect("a time")
}

fn video(days_old: i64, views: f64) -> StoredVideo {
    StoredVideo {
        published_at: now() - SignedDuration::from_hours(24 * days_old),
        tie: -days_old,
        format: Some(Format::Long),
        views: Some(views),
        interactions: Some(views / 20.0),
        analytics_at: None,
        snapshots: Vec::new(),
    }
}

fn with_curve(mut video: StoredVideo, basis: Basis) -> StoredVideo {
    for day in 2..=8 {
        video.snapshots.push(Snapshot {
            observed_at: video.published_at + SignedDuration::from_hours(24 * day),
            basis,
            views: 100.0 * day as f64,
            interactions: None,
            viewed_percent: Some(40.0),
        });
    }
    video
}

#[test]
fn new_videos_are_compared_at_one_age_and_old_ones_by_totals() {
    let mut videos: Vec<StoredVideo> = (0..10).map(|i| video(400 - 10 * i, 1000.0)).collect();
    videos.extend((0..6).map(|i| with_curve(video(60 - i, 1000.0), Basis::EngagedViews)));
    videos.push(with_curve(video(10, 900.0), Basis::EngagedViews));
    let verdicts = score(&MODEL, &videos, now(), Some(now()));
    assert_eq!(verdicts[9].basis, Basis::Lifetime);
    assert_eq!(
        verdicts[9].result.as_ref().map(|score| score.label),
        Ok(Label::Typical)
    );
    assert_eq!(verdicts[0].result, Err(Withheld::TooFew { n: 0 }));
    // The fifth with a curve: four at the same age, fourteen by totals.
    assert_eq!(verdicts[14].basis, Basis::Lifetime);
    let last = &verdicts[16];
    assert_eq!(
        (last.basis, last.checkpoint_h),
        (Basis::EngagedViews, Some(168))
    );
    assert_eq!(last.baseline, [10, 11, 12, 13, 14, 15]);
    assert!(
        last.result
            .as_ref()
            .is_ok_and(|score| score.retention.is_some() && score.engagement.is_none())
    );
    assert_eq!(
        last.timing.map(|(_, hours)| hours),
        Some(72),
        "engaged views begin at three days"
    );
}

#[test]
fn what_cannot_be_compared_says_why() {
    let unknown = StoredVideo {
        format: None,
        ..video(100, 5.0)
    };
    let hidden = StoredVideo {
        views: None,
        ..video(100, 5.0)
    };
    let verdicts = score(&MODEL, &[unknown, hidden, video(3, 5.0)], now(), None);
    let reasons: Vec<_> = verdicts
        .into_iter()
        .map(|verdict| verdict.result.err())
        .collect();
    assert_eq!(
        reasons,
        [
            Some(Withheld::UnknownFormat),
            Some(Withheld::NoCheckpoint),
            Some(Withheld::TooRecent)
        ]
    );
}

#[test]
fn stale_data_lowers_the_confidence_and_complete_data_does_not_age() {
    let young = with_curve(video(10, 900.0), Basis::PublicViews);
    let age = |video: &StoredVideo, synced: Option<Timestamp>| {
        data_age_h(&MODEL, video, Basis::PublicViews, now(), synced)
    };
    assert_eq!(age(&young, None), 48.0);
    assert_eq!(age(&young, Some(now())), 0.0);
    let old = with_curve(video(300, 900.0), Basis::PublicViews);
    assert_eq!(
        age(&old, Some(now() - SignedDuration::from_hours(100))),
        0.0
    );
    assert_eq!(
        data_age_h(&MODEL, &young, Basis::EngagedViews, now(), None),
        f64::INFINITY
    );
}
