//! What comes of each row: the score of its totals, or of what was known when it was observed, or why there is none.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use scoring::checkpoint::age_h;
use scoring::same_age::{self, AtCheckpoint, Video};
use scoring::timeline::{self, Entry};
use scoring::{Basis, Format, Grounds, Label, MODEL, Measures, Score, Snapshot, Withheld};

use super::table::{Row, Table};

/// What came of one row.
pub(super) struct Outcome {
    pub(super) basis: Basis,
    /// Size of the baseline; `None` when there was no comparison.
    pub(super) n: Option<usize>,
    pub(super) checkpoint_h: Option<u32>,
    pub(super) measures: Measures,
    pub(super) result: Result<Score, Withheld>,
}

impl Outcome {
    fn withheld(basis: Basis, reason: Withheld) -> Self {
        let n = match reason {
            Withheld::TooFew { n } => Some(n),
            Withheld::UnknownFormat | Withheld::NoCheckpoint => Some(0),
            Withheld::TooRecent => None,
        };
        let measures = Measures::default();
        Self {
            basis,
            n,
            checkpoint_h: None,
            measures,
            result: Err(reason),
        }
    }

    pub(super) fn label(&self) -> Label {
        match &self.result {
            Ok(score) => score.label,
            Err(reason) => reason.label(),
        }
    }

    pub(super) fn score(&self) -> Option<&Score> {
        self.result.as_ref().ok()
    }
}

/// One outcome for every row, in the same order.
pub(super) fn score(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    if table.has_observations {
        observations(table, as_of)
    } else {
        totals(table, as_of)
    }
}

/// Scores of videos whose totals alone are known.
fn totals(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    let Some(as_of) = as_of.or_else(|| table.rows.iter().map(|row| row.published_at).max()) else {
        return Vec::new();
    };
    let mut outcomes = Vec::with_capacity(table.rows.len());
    let mut cohorts: BTreeMap<(&str, Option<Format>), Vec<usize>> = BTreeMap::new();
    for (place, row) in table.rows.iter().enumerate() {
        let mut reason = Withheld::TooRecent;
        if timeline::is_mature(&MODEL, row.published_at, as_of) {
            if table.lacks_format(row) {
                reason = Withheld::UnknownFormat;
            } else {
                cohorts
                    .entry((&row.channel, row.format))
                    .or_default()
                    .push(place);
            }
        }
        outcomes.push(Outcome::withheld(Basis::Lifetime, reason));
    }
    for members in cohorts.into_values() {
        let entries: Vec<Entry> = members
            .iter()
            .map(|&place| entry(&table.rows[place]))
            .collect();
        let scored = timeline::score_cohort(&MODEL, &entries, |_| Grounds::Lifetime);
        for ((&place, entry), scored) in members.iter().zip(&entries).zip(scored) {
            outcomes[place] = Outcome {
                basis: Basis::Lifetime,
                n: Some(scored.baseline.len()),
                checkpoint_h: None,
                measures: entry.measures,
                result: scored.result,
            };
        }
    }
    outcomes
}

fn entry(row: &Row) -> Entry {
    let (views, interactions) = (row.views as f64, row.interactions());
    let measures = Measures {
        views,
        interactions,
        ..Measures::default()
    };
    Entry {
        published_at: row.published_at,
        tie: row.tie(),
        measures,
    }
}

/// What names a video within its channel.
type Key<'a> = (&'a str, &'a str, Option<Timestamp>);

/// Scores of videos that were observed at several ages.
fn observations(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    let (channels, videos) = group(table, as_of);
    // A row tells what was known when it was observed, so its data was never old.
    let scored: HashMap<&str, Vec<Vec<AtCheckpoint>>> = channels
        .iter()
        .map(|(&channel, videos)| (channel, same_age::score_channel(&MODEL, videos, |_, _| 0.0)))
        .collect();
    let withheld = |reason| Outcome::withheld(Basis::PublicViews, reason);
    let outcome = |(row, video): (&Row, Option<usize>)| {
        let Some(video) = video else {
            let lacks_format = table.lacks_format(row);
            return withheld(if lacks_format {
                Withheld::UnknownFormat
            } else {
                Withheld::TooRecent
            });
        };
        let channel = row.channel.as_str();
        let published_at = channels[channel][video].published_at;
        if age_h(published_at, observed_at(row)) < f64::from(MODEL.checkpoints_h[0]) {
            return withheld(Withheld::TooRecent);
        }
        // The best of the scores that were known when the row was observed.
        let known = scored[channel][video]
            .iter()
            .filter(|at| at.known_at <= observed_at(row));
        match same_age::best(&MODEL, known) {
            Some(at) => Outcome {
                basis: at.basis,
                n: Some(at.n()),
                checkpoint_h: Some(at.checkpoint_h),
                measures: at.measures,
                result: at.result.clone(),
            },
            None => withheld(Withheld::NoCheckpoint),
        }
    };
    table.rows.iter().zip(videos).map(outcome).collect()
}

/// The videos of each channel, in the order of their first row, and for each row its video, unless it takes no part.
fn group(
    table: &Table,
    as_of: Option<Timestamp>,
) -> (BTreeMap<&str, Vec<Video>>, Vec<Option<usize>>) {
    let mut channels: BTreeMap<&str, Vec<Video>> = BTreeMap::new();
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    let mut places = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let observed_at = observed_at(row);
        if as_of.is_some_and(|as_of| observed_at > as_of) || table.lacks_format(row) {
            places.push(None);
            continue;
        }
        let videos = channels.entry(&row.channel).or_default();
        let place = *known.entry(key(row)).or_insert_with(|| {
            videos.push(Video {
                published_at: row.published_at,
                tie: row.tie(),
                format: row.format,
                snapshots: Vec::new(),
            });
            videos.len() - 1
        });
        videos[place].snapshots.push(Snapshot {
            observed_at,
            basis: Basis::PublicViews,
            views: row.views as f64,
            interactions: row.interactions(),
            viewed_percent: None,
        });
        places.push(Some(place));
    }
    (channels, places)
}

fn key(row: &Row) -> Key<'_> {
    match &row.video_id {
        Some(id) => (&row.channel, id, None),
        None => (&row.channel, &row.title, Some(row.published_at)),
    }
}

fn observed_at(row: &Row) -> Timestamp {
    row.observed_at.unwrap_or(Timestamp::MIN)
}
