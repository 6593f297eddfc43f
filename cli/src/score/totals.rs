//! Scores of videos whose totals alone are known.

use std::collections::BTreeMap;

use jiff::Timestamp;
use scoring::{Basis, Format, Grounds, Measures, Model, Withheld, score, timeline::is_mature};

use super::baseline::{Published, Timeline};
use super::file::{Row, Table};
use super::outcome::Outcome;

/// What each row is compared with.
pub(super) struct Totals {
    model: &'static Model,
    as_of: Option<Timestamp>,
    cohorts: Vec<Timeline>,
    /// For each row its cohort and its place in it, unless it takes no part.
    places: Vec<Option<(u32, u32)>>,
}

impl Totals {
    /// Compares the rows as of a time: by default the file's own, else the newest publication.
    pub(super) fn new(table: &Table, as_of: Option<Timestamp>, model: &'static Model) -> Self {
        let as_of = as_of
            .or(table.own_date)
            .or_else(|| table.rows.iter().map(|row| row.published_at).max());
        let mut members: BTreeMap<(u32, Option<Format>), Vec<Published>> = BTreeMap::new();
        for (video, row) in (0..).zip(&table.rows) {
            if is_old_enough(model, row, as_of) && !table.lacks_format(row) {
                members
                    .entry((row.channel, row.format))
                    .or_default()
                    .push(Published {
                        at: row.published_at,
                        is_day: row.is_day,
                        video,
                    });
            }
        }
        let content = |video: u32| table.content(&table.rows[video as usize]);
        let order = |one: u32, other: u32| content(one).cmp(&content(other));
        let cohorts: Vec<Timeline> = members
            .into_values()
            .map(|videos| Timeline::new(videos, order))
            .collect();
        let mut places = vec![None; table.rows.len()];
        for (cohort, timeline) in (0..).zip(&cohorts) {
            for (place, video) in (0..).zip(timeline.videos()) {
                places[video as usize] = Some((cohort, place));
            }
        }
        Self {
            model,
            as_of,
            cohorts,
            places,
        }
    }

    /// The outcome of the row at a place.
    pub(super) fn outcome(&self, table: &Table, place: usize) -> Outcome {
        let row = &table.rows[place];
        let Some((cohort, at)) = self.places[place] else {
            let is_old_enough = is_old_enough(self.model, row, self.as_of);
            let reason = if is_old_enough {
                Withheld::UnknownFormat
            } else {
                Withheld::TooRecent
            };
            return Outcome::withheld(Basis::Lifetime, reason);
        };
        let before = self.cohorts[cohort as usize].before(self.model, at as usize);
        let baseline: Vec<Measures> = before
            .iter()
            .map(|&video| measures(&table.rows[video as usize]))
            .collect();
        let measures = measures(row);
        Outcome {
            basis: Basis::Lifetime,
            n: Some(baseline.len()),
            checkpoint_h: None,
            measures,
            result: score(self.model, &baseline, &measures, Grounds::Lifetime),
        }
    }
}

/// Whether a row's totals can be compared: its counts were read when it was old enough, and so is it at that time.
fn is_old_enough(model: &Model, row: &Row, as_of: Option<Timestamp>) -> bool {
    let read_at = row.observed_at.into_iter().chain(as_of).min();
    read_at.is_some_and(|read_at| is_mature(model, row.published_at, read_at))
}

fn measures(row: &Row) -> Measures {
    Measures {
        views: row.views as f64,
        interactions: row.interactions(),
        ..Measures::default()
    }
}
