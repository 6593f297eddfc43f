//! The outcome of every row, worked out when it is asked for, so that a long file needs little memory.

use jiff::Timestamp;

use super::file::Table;
use super::observations::Observations;
use super::outcome::Outcome;
use super::totals::Totals;

/// How the rows of a file are scored.
pub(super) enum Scores {
    /// By totals.
    Totals(Totals),
    /// At the ages at which they were observed.
    Observations(Observations),
}

impl Scores {
    /// Compares the rows of a file as of a time.
    pub(super) fn new(table: &Table, as_of: Option<Timestamp>) -> Self {
        if table.has_observations {
            Self::Observations(Observations::new(table, as_of))
        } else {
            Self::Totals(Totals::new(table, as_of))
        }
    }

    /// The outcome of the row at a place.
    pub(super) fn outcome(&self, table: &Table, place: usize) -> Outcome {
        match self {
            Self::Totals(totals) => totals.outcome(table, place),
            Self::Observations(observations) => observations.outcome(table, place),
        }
    }
}
