//! Scores of videos that were observed at several ages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use scoring::{
    Basis, Epoch, Format, Grounds, Measures, Model, Snapshot, Withheld,
    checkpoint::{Series, Value, age_h},
    same_age::{self, AtCheckpoint},
    score,
};

use super::baseline::{Published, Timeline};
use super::file::{Row, Table};
use super::outcome::Outcome;

const BASIS: Basis = Basis::PublicViews;

/// What was known of each video at each checkpoint.
pub(super) struct Observations {
    model: &'static Model,
    videos: BTreeMap<u32, Video>,
    as_of: Option<Timestamp>,
}

/// One video.
struct Video {
    /// The place of the row that tells its publication and format: the newest observation.
    row: usize,
    snapshots: Vec<Snapshot>,
    scored: Vec<AtCheckpoint>,
}

/// Only values that agree in all of it are compared.
type Cohort = (u32, Option<Format>, Epoch);

impl Observations {
    /// Compares the videos at every checkpoint, each with those published before it.
    pub(super) fn new(table: &Table, as_of: Option<Timestamp>, model: &'static Model) -> Self {
        let mut observations = Self {
            model,
            videos: BTreeMap::new(),
            as_of,
        };
        for (place, row) in table.rows.iter().enumerate() {
            if observations.takes_part(table, row) {
                observations.add(table, place);
            }
        }
        for video in observations.videos.values_mut() {
            // Of several counts at one moment the last is meant, so the highest goes last.
            let order = |snapshot: &Snapshot| (snapshot.observed_at, snapshot.views as u64);
            video.snapshots.sort_by_key(order);
        }
        for checkpoint in 0..model.checkpoints_h.len() {
            observations.compare(table, checkpoint);
        }
        observations
    }

    /// The best of the scores that were known when the row at a place was observed.
    pub(super) fn outcome(&self, table: &Table, place: usize) -> Outcome {
        let row = &table.rows[place];
        if table.lacks_format(row) {
            return Outcome::withheld(BASIS, Withheld::UnknownFormat);
        }
        let observed_at = observed_at(row);
        let is_read = |video: &&Video| {
            let published_at = table.rows[video.row].published_at;
            self.takes_part(table, row)
                && age_h(published_at, observed_at) >= f64::from(self.model.checkpoints_h[0])
        };
        let Some(video) = self.videos.get(&row.video).filter(is_read) else {
            return Outcome::withheld(BASIS, Withheld::TooRecent);
        };
        let known = video.scored.iter().filter(|at| at.known_at <= observed_at);
        match same_age::best(self.model, known) {
            Some(at) => Outcome {
                basis: at.basis,
                n: Some(at.n()),
                checkpoint_h: Some(at.checkpoint_h),
                measures: at.measures,
                result: at.result.clone(),
            },
            None => Outcome::withheld(BASIS, Withheld::NoCheckpoint),
        }
    }

    fn takes_part(&self, table: &Table, row: &Row) -> bool {
        self.as_of.is_none_or(|as_of| observed_at(row) <= as_of) && !table.lacks_format(row)
    }

    fn add(&mut self, table: &Table, place: usize) {
        let row = &table.rows[place];
        let video = self.videos.entry(row.video).or_insert_with(|| Video {
            row: place,
            snapshots: Vec::new(),
            scored: Vec::new(),
        });
        let age = |row: &Row| (observed_at(row), row.views, row.published_at);
        if age(row) > age(&table.rows[video.row]) {
            video.row = place;
        }
        video.snapshots.push(Snapshot {
            observed_at: observed_at(row),
            basis: BASIS,
            views: row.views as f64,
            interactions: row.interactions(),
            viewed_percent: None,
        });
    }

    fn compare(&mut self, table: &Table, checkpoint: usize) {
        let checkpoint_h = self.model.checkpoints_h[checkpoint];
        let before = checkpoint
            .checked_sub(1)
            .map(|before| self.model.checkpoints_h[before]);
        let mut cohorts: BTreeMap<Cohort, BTreeMap<u32, (Value, Measures)>> = BTreeMap::new();
        for (&number, video) in &self.videos {
            let row = &table.rows[video.row];
            let series = Series::new(BASIS, row.format, row.published_at, &video.snapshots);
            let Some(value) = series.at(self.model, checkpoint_h) else {
                continue;
            };
            let start = before.and_then(|before| series.at(self.model, before));
            let measures = Measures {
                views: value.views,
                gained: start
                    .filter(|start| start.epoch == value.epoch)
                    .map(|start| value.views - start.views),
                interactions: value.interactions,
                viewed_percent: None,
            };
            let cohort = cohorts
                .entry((row.channel, row.format, value.epoch))
                .or_default();
            cohort.insert(number, (value, measures));
        }
        for ((_, _, epoch), members) in cohorts {
            for (number, at) in self.scored(table, &members, checkpoint_h, epoch) {
                if let Some(video) = self.videos.get_mut(&number) {
                    video.scored.push(at);
                }
            }
        }
    }

    /// The members of a cohort, each compared with those published before it.
    fn scored(
        &self,
        table: &Table,
        members: &BTreeMap<u32, (Value, Measures)>,
        checkpoint_h: u32,
        epoch: Epoch,
    ) -> Vec<(u32, AtCheckpoint)> {
        let row = |video: u32| &table.rows[self.videos[&video].row];
        let published = members.keys().map(|&video| Published {
            at: row(video).published_at,
            is_day: row(video).is_day,
            video,
        });
        let order = |one: u32, other: u32| table.content(row(one)).cmp(&table.content(row(other)));
        let timeline = Timeline::new(published.collect(), order);
        // A row tells what was known when it was observed, so its data was never old.
        let grounds = Grounds::SameAge {
            age_h: f64::from(checkpoint_h),
            data_age_h: 0.0,
        };
        let at = |(place, video): (usize, u32)| {
            let baseline = timeline.before(self.model, place);
            let measured: Vec<Measures> = baseline.iter().map(|video| members[video].1).collect();
            let (value, measures) = members[&video];
            let at = AtCheckpoint {
                checkpoint_h,
                basis: BASIS,
                epoch,
                known_at: value.known_at,
                measures,
                baseline: baseline.into_iter().map(|video| video as usize).collect(),
                result: score(self.model, &measured, &measures, grounds),
            };
            (video, at)
        };
        timeline.videos().enumerate().map(at).collect()
    }
}

fn observed_at(row: &Row) -> Timestamp {
    row.observed_at.unwrap_or(Timestamp::MIN)
}
