//! Scores of a channel's videos at every checkpoint their snapshots allow.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::checkpoint::{Series, Value};
use super::timeline::{Entry, score_cohort};
use super::{Basis, Epoch, Format, Grounds, Measures, Model, Score, Snapshot, Withheld};

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
            let of = |basis| Series::new(basis, video.format, video.published_at, &video.snapshots);
            [Basis::PublicViews, Basis::EngagedViews].map(|basis| (basis, of(basis)))
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
                let baseline = scored.baseline.into_iter().map(|member| members[member].0);
                results[*index].push(AtCheckpoint {
                    checkpoint_h,
                    basis,
                    epoch,
                    known_at: value.known_at,
                    measures: *measures,
                    baseline: baseline.collect(),
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
    let rank = |at: &&AtCheckpoint| (quality(model, at.n()), at.checkpoint_h, at.basis);
    results.into_iter().max_by_key(rank)
}

/// How much a baseline of this size says: 2 when it is full, 1 when it is provisional.
pub(super) fn quality(model: &Model, n: usize) -> u8 {
    u8::from(n >= model.min_baseline) + u8::from(n >= model.full_baseline)
}

#[cfg(test)]
mod tests;
