//! Scores of videos whose totals alone are known.

use std::collections::BTreeMap;

use jiff::Timestamp;
use scoring::{
    Basis, Format, Grounds, MODEL, Measures, Withheld,
    timeline::{self, Entry},
};

use super::outcome::Outcome;
use super::row::Row;
use super::table::Table;

/// One outcome for every row, in the same order.
pub(super) fn score(table: &Table, as_of: Option<Timestamp>) -> Vec<Outcome> {
    let Some(as_of) = as_of.or_else(|| table.rows.iter().map(|row| row.published_at).max()) else {
        return Vec::new();
    };
    let mut outcomes = Vec::with_capacity(table.rows.len());
    let mut cohorts: BTreeMap<(&str, Option<Format>), Vec<usize>> = BTreeMap::new();
    for (place, row) in table.rows.iter().enumerate() {
        let reason = match timeline::is_mature(&MODEL, row.published_at, as_of) {
            true if table.lacks_format(row) => Withheld::UnknownFormat,
            true => {
                let cohort = cohorts.entry((&row.channel, row.format));
                cohort.or_default().push(place);
                Withheld::TooRecent
            }
            false => Withheld::TooRecent,
        };
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
    Entry {
        published_at: row.published_at,
        tie: row.tie(),
        measures: Measures {
            views: row.views as f64,
            interactions: row.interactions(),
            ..Measures::default()
        },
    }
}
