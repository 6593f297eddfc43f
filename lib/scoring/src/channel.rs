//! All of a channel at once: for every video the comparison that says most, or why there is none.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::same_age::{self, AtCheckpoint, quality};
use super::timeline::{self, Entry, is_mature};
use super::{Basis, Epoch, Format, Grounds, Measures, Model, Score, Snapshot, Withheld};

/// Best times look at how a video did this early, or at the next ages when that was not measured: later the hour of
/// publication can hardly matter any more.
const TIMING_H: [u32; 3] = [48, 72, 168];

/// A published video as it is stored.
#[derive(Clone, Debug)]
pub struct StoredVideo {
    /// When it was published.
    pub published_at: Timestamp,
    /// Of two videos published at the same time, the one with the smaller tie is the earlier.
    pub tie: i64,
    /// Its cohort, when YouTube has said it.
    pub format: Option<Format>,
    /// Public views today; `None` when hidden.
    pub views: Option<f64>,
    /// Likes and comments today; `None` when either is hidden.
    pub interactions: Option<f64>,
    /// When Analytics was last asked for its curve.
    pub analytics_at: Option<Timestamp>,
    /// Its counters over time.
    pub snapshots: Vec<Snapshot>,
}

/// A video's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What was compared.
    pub basis: Basis,
    /// How it was counted; `None` for totals.
    pub epoch: Option<Epoch>,
    /// At which age in hours; `None` for totals.
    pub checkpoint_h: Option<u32>,
    /// What the video had.
    pub measures: Measures,
    /// The videos it was compared with, earliest first, as indices of the videos given.
    pub baseline: Vec<usize>,
    /// The score, or why there is none.
    pub result: Result<Score, Withheld>,
    /// The distance from the usual reach early on, and at which age.
    pub timing: Option<(f64, u32)>,
}

impl Verdict {
    fn of_totals(result: Result<Score, Withheld>) -> Self {
        Self {
            basis: Basis::Lifetime,
            epoch: None,
            checkpoint_h: None,
            measures: Measures::default(),
            baseline: Vec::new(),
            result,
            timing: None,
        }
    }
}

/// Scores a channel as of `now`, its public counters having been read last at `synced_at`.
///
/// Each video gets the best of: the same age with a full baseline; totals with a full baseline; the same age with a
/// provisional one; totals with a provisional one.
pub fn score(
    model: &Model,
    videos: &[StoredVideo],
    now: Timestamp,
    synced_at: Option<Timestamp>,
) -> Vec<Verdict> {
    let all = 0..videos.len();
    let known: Vec<usize> = all
        .filter(|&index| videos[index].format.is_some())
        .collect();
    let history = |&index: &usize| same_age::Video {
        published_at: videos[index].published_at,
        tie: videos[index].tie,
        format: videos[index].format,
        snapshots: videos[index].snapshots.clone(),
    };
    let histories: Vec<_> = known.iter().map(history).collect();
    let checkpoints = same_age::score_channel(model, &histories, |place, basis| {
        data_age_h(model, &videos[known[place]], basis, now, synced_at)
    });
    let totals = score_totals(model, videos, &known, now);

    let unmeasured = videos.iter().map(|video| unmeasured(model, video, now));
    let mut verdicts: Vec<Verdict> = unmeasured.collect();
    for (place, &index) in known.iter().enumerate() {
        let aged = same_age::best(model, &checkpoints[place]).map(|at| from_checkpoint(at, &known));
        let candidates = [totals[index].clone(), aged].into_iter().flatten();
        // Of two equally good the last stands: the same age.
        if let Some(best) = candidates.max_by_key(|one| quality(model, one.baseline.len())) {
            verdicts[index] = best;
        }
        verdicts[index].timing = timing(&checkpoints[place]);
    }
    verdicts
}

/// Totals of the matured videos, per format.
fn score_totals(
    model: &Model,
    videos: &[StoredVideo],
    known: &[usize],
    now: Timestamp,
) -> Vec<Option<Verdict>> {
    let mut cohorts: BTreeMap<Option<Format>, Vec<(usize, Entry)>> = BTreeMap::new();
    for &index in known {
        let video = &videos[index];
        let is_mature = is_mature(model, video.published_at, now);
        let Some(views) = video.views.filter(|_| is_mature) else {
            continue;
        };
        let measures = Measures {
            views,
            interactions: video.interactions,
            ..Measures::default()
        };
        let entry = Entry {
            published_at: video.published_at,
            tie: video.tie,
            measures,
        };
        cohorts
            .entry(video.format)
            .or_default()
            .push((index, entry));
    }
    let mut verdicts = vec![None; videos.len()];
    for members in cohorts.into_values() {
        let entries: Vec<Entry> = members.iter().map(|(_, entry)| *entry).collect();
        let scored = timeline::score_cohort(model, &entries, |_| Grounds::Lifetime);
        for ((index, entry), scored) in members.iter().zip(scored) {
            let baseline = scored.baseline.into_iter().map(|member| members[member].0);
            verdicts[*index] = Some(Verdict {
                measures: entry.measures,
                baseline: baseline.collect(),
                ..Verdict::of_totals(scored.result)
            });
        }
    }
    verdicts
}

fn from_checkpoint(at: &AtCheckpoint, known: &[usize]) -> Verdict {
    Verdict {
        basis: at.basis,
        epoch: Some(at.epoch),
        checkpoint_h: Some(at.checkpoint_h),
        measures: at.measures,
        baseline: at.baseline.iter().map(|&place| known[place]).collect(),
        result: at.result.clone(),
        timing: None,
    }
}

/// What is said of a video that was compared with nothing.
fn unmeasured(model: &Model, video: &StoredVideo, now: Timestamp) -> Verdict {
    let reason = if !is_mature(model, video.published_at, now) {
        Withheld::TooRecent
    } else if video.format.is_none() {
        Withheld::UnknownFormat
    } else {
        Withheld::NoCheckpoint
    };
    Verdict::of_totals(Err(reason))
}

fn timing(checkpoints: &[AtCheckpoint]) -> Option<(f64, u32)> {
    TIMING_H.iter().find_map(|&hours| {
        let scores = checkpoints.iter().filter(|at| at.checkpoint_h == hours);
        let score = scores
            .filter_map(|at| at.result.as_ref().ok())
            .next_back()?;
        Some((score.reach.r, hours))
    })
}

/// How old a video's data is beyond its source's lag. A curve that was read after its last checkpoint is complete, and
/// complete data does not age.
fn data_age_h(
    model: &Model,
    video: &StoredVideo,
    basis: Basis,
    now: Timestamp,
    synced_at: Option<Timestamp>,
) -> f64 {
    let newest = video
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.basis == basis)
        .map(|snapshot| snapshot.observed_at)
        .max();
    let is_engaged = basis == Basis::EngagedViews;
    let asked = if is_engaged {
        video.analytics_at
    } else {
        synced_at
    };
    let Some(read_at) = newest.max(asked) else {
        return f64::INFINITY;
    };
    let last = f64::from(model.checkpoints_h[model.checkpoints_h.len() - 1]) + basis.lag_h(model);
    if read_at.duration_since(video.published_at) > SignedDuration::from_secs_f64(last * 3600.0) {
        return 0.0;
    }
    now.duration_since(read_at).as_secs_f64() / 3600.0 - basis.lag_h(model)
}

#[cfg(test)]
mod tests;
