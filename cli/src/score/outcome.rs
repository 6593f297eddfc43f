//! What came of one row.

use scoring::{Basis, Label, Measures, Score, Withheld};

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
    pub(super) fn withheld(basis: Basis, reason: Withheld) -> Self {
        let n = match reason {
            Withheld::TooFew { n } => Some(n),
            Withheld::UnknownFormat | Withheld::NoCheckpoint => Some(0),
            Withheld::TooRecent => None,
        };
        Self {
            basis,
            n,
            checkpoint_h: None,
            measures: Measures::default(),
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
