//! Scores of videos that were observed at several ages.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use scoring::{
    Basis, MODEL, Snapshot, Withheld,
    checkpoint::age_h,
    same_age::{self, AtCheckpoint, Video},
};

use super::outcome::Outcome;
use super::row::Row;
use super::table::Table;

/// What names a video within its channel.
type Key<'a> = (&'a str, &'a str, Option<Timestamp>);

/// One outcome for every row, in the same order.
pub(super) fn score(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    let (channels, videos) = group(table, as_of);
    // A row tells what was known when it was observed, so its data was never old.
    let scored: HashMap<&str, Vec<Vec<AtCheckpoint>>> = channels
        .iter()
        .map(|(&channel, videos)| (channel, same_age::score_channel(&MODEL, videos, |_, _| 0.0)))
        .collect();
    table
        .rows
        .iter()
        .zip(videos)
        .map(|(row, video)| match video {
            Some(video) => {
                let channel = row.channel.as_str();
                let published_at = channels[channel][video].published_at;
                outcome(published_at, observed_at(row), &scored[channel][video])
            }
            None if table.lacks_format(row) => withheld(Withheld::UnknownFormat),
            None => withheld(Withheld::TooRecent),
        })
        .collect()
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

fn withheld(reason: Withheld) -> Outcome {
    Outcome::withheld(Basis::PublicViews, reason)
}

/// The best of the scores that were known when a row was observed.
fn outcome(published_at: Timestamp, observed_at: Timestamp, scored: &[AtCheckpoint]) -> Outcome {
    if age_h(published_at, observed_at) < f64::from(MODEL.checkpoints_h[0]) {
        return withheld(Withheld::TooRecent);
    }
    let known = scored.iter().filter(|at| at.known_at <= observed_at);
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
}
