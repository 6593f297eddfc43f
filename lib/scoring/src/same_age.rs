//! Scores of a channel's videos at every checkpoint their snapshots allow.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Basis, Epoch, Format, Grounds, Measures, Model, Score, Snapshot, Withheld,
    checkpoint::{Series, Value},
    timeline::{Entry, score_cohort},
};

/// One video of a channel.
#[derive(Clone, Debug)]
pub struct Video {
    /// When it was published.
    pub published_at: Timestamp,
    /// Of two videos published at the same time, the one with the smaller tie is the earlier.
    pub tie: i64,
    /// Its cohort within the channel. Must be known, or `None` for every video of a channel whose videos are one
    /// cohort.
    pub format: Option<Format>,
    /// Its counters over time, in any order and on any basis.
    pub snapshots: Vec<Snapshot>,
}

/// A video's result at one checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct AtCheckpoint {
    /// The checkpoint in hours.
    pub checkpoint_h: u32,
    /// What was compared.
    pub basis: Basis,
    /// How it was counted.
    pub epoch: Epoch,
    /// When the video's value became known.
    pub known_at: Timestamp,
    /// The video's own values.
    pub measures: Measures,
    /// The videos that made the baseline, earliest first, as indices of the videos given.
    pub baseline: Vec<usize>,
    /// The score, or why there is none.
    pub result: Result<Score, Withheld>,
}

impl AtCheckpoint {
    /// Size of the baseline.
    pub fn n(&self) -> usize {
        self.baseline.len()
    }
}

/// Only values that agree in all three are compared.
type Cohort = (Option<Format>, Basis, Epoch);

/// A video, by its index, with its value at one checkpoint.
type Member = (usize, Value, Measures);

/// Scores every video at every checkpoint where it has a value, per format, basis and epoch. The answer has one list
/// per video, from young to old and public views before engaged views at the same age. `data_age_h` tells how old the
/// data of a video is beyond its source's lag.
pub fn score_channel(
    model: &Model,
    videos: &[Video],
    data_age_h: impl Fn(usize, Basis) -> f64,
) -> Vec<Vec<AtCheckpoint>> {
    let mut results: Vec<Vec<AtCheckpoint>> = vec![Vec::new(); videos.len()];
    let series: Vec<[(Basis, Series); 2]> = videos
        .iter()
        .map(|video| {
            [Basis::PublicViews, Basis::EngagedViews].map(|basis| {
                (
                    basis,
                    Series::new(basis, video.format, video.published_at, &video.snapshots),
                )
            })
        })
        .collect();
    for (place, &checkpoint_h) in model.checkpoints_h.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| model.checkpoints_h[place]);
        let mut cohorts: BTreeMap<Cohort, Vec<Member>> = BTreeMap::new();
        for (index, video) in videos.iter().enumerate() {
            for (basis, series) in &series[index] {
                if *basis == Basis::EngagedViews && checkpoint_h < model.engaged_views_from_h {
                    continue;
                }
                let Some(value) = series.at(model, checkpoint_h) else {
                    continue;
                };
                let start = before.and_then(|before| series.at(model, before));
                let measures = Measures {
                    views: value.views,
                    gained: start
                        .filter(|start| start.epoch == value.epoch)
                        .map(|start| value.views - start.views),
                    interactions: value.interactions,
                    viewed_percent: value.viewed_percent,
                };
                cohorts
                    .entry((video.format, *basis, value.epoch))
                    .or_default()
                    .push((index, value, measures));
            }
        }
        for ((_, basis, epoch), members) in cohorts {
            let entries: Vec<Entry> = members
                .iter()
                .map(|&(index, _, measures)| Entry {
                    published_at: videos[index].published_at,
                    tie: videos[index].tie,
                    measures,
                })
                .collect();
            let scored = score_cohort(model, &entries, |member| Grounds::SameAge {
                age_h: f64::from(checkpoint_h),
                data_age_h: data_age_h(members[member].0, basis),
            });
            for ((index, value, measures), scored) in members.iter().zip(scored) {
                results[*index].push(AtCheckpoint {
                    checkpoint_h,
                    basis,
                    epoch,
                    known_at: value.known_at,
                    measures: *measures,
                    baseline: scored
                        .baseline
                        .into_iter()
                        .map(|member| members[member].0)
                        .collect(),
                    result: scored.result,
                });
            }
        }
    }
    results
}

/// The result to show for a video: at the oldest age with a full baseline; else at the oldest age with a provisional
/// one; else the oldest age at all. Engaged views come before public views at the same age.
pub fn best<'a>(
    model: &Model,
    results: impl IntoIterator<Item = &'a AtCheckpoint>,
) -> Option<&'a AtCheckpoint> {
    results.into_iter().max_by_key(|result| {
        let size = match result.n() {
            n if n >= model.full_baseline => 2,
            n if n >= model.min_baseline => 1,
            _ => 0,
        };
        (size, result.checkpoint_h, result.basis)
    })
}

#[cfg(test)]
mod tests {
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
                snapshot.observed_at =
                    moved + snapshot.observed_at.duration_since(video.published_at);
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
        videos
            .extend((4..7).map(|day| video(day, Format::Long, Basis::PublicViews, &[(72, 500.0)])));
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
}
