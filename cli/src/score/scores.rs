//! The outcome of every row, worked out when it is asked for, so that a long file needs little memory.

use jiff::Timestamp;
use scoring::Model;

use super::file::Table;
use super::observations::Observations;
use super::outcome::Outcome;
use super::totals::Totals;

/// How the rows of a file are scored.
pub(super) struct Scores {
    /// By which version.
    pub(super) model: &'static Model,
    compared: Compared,
}

/// What is compared.
enum Compared {
    /// Totals.
    Totals(Totals),
    /// Counts at the ages at which they were observed.
    Observations(Observations),
}

impl Scores {
    /// Compares the rows of a file as of a time.
    pub(super) fn new(table: &Table, as_of: Option<Timestamp>, model: &'static Model) -> Self {
        let compared = if table.has_observations {
            Compared::Observations(Observations::new(table, as_of, model))
        } else {
            Compared::Totals(Totals::new(table, as_of, model))
        };
        Self { model, compared }
    }

    /// The outcome of the row at a place.
    pub(super) fn outcome(&self, table: &Table, place: usize) -> Outcome {
        match &self.compared {
            Compared::Totals(totals) => totals.outcome(table, place),
            Compared::Observations(observations) => observations.outcome(table, place),
        }
    }
}
