//! One measurement of ours, of what it is compared with, and what it must show.

use serde_json::{Value, json};

use super::number_format::{range, short};
use super::runs::Runs;

/// What a row must show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    /// Ours is at most this, in the row's unit.
    AtMost(f64),
    /// Ours is at least this.
    AtLeast(f64),
    /// Ours over the peer's is at most this.
    PeerAtMost(f64),
    /// Ours over the peer's is at least this.
    PeerAtLeast(f64),
    /// Ours over the limit is at most this.
    LimitAtMost(f64),
    /// Ours over the limit is at least this.
    LimitAtLeast(f64),
}

impl Bound {
    fn is_met(self, row: &Row) -> bool {
        let ours = row.ours.median();
        match self {
            Self::AtMost(bound) => ours <= bound,
            Self::AtLeast(bound) => ours >= bound,
            Self::PeerAtMost(bound) => row.ratio_to(row.peer.as_ref()).is_some_and(|r| r <= bound),
            Self::PeerAtLeast(bound) => row.ratio_to(row.peer.as_ref()).is_some_and(|r| r >= bound),
            Self::LimitAtMost(bound) => {
                row.ratio_to(row.limit.as_ref()).is_some_and(|r| r <= bound)
            }
            Self::LimitAtLeast(bound) => {
                row.ratio_to(row.limit.as_ref()).is_some_and(|r| r >= bound)
            }
        }
    }

    fn text(self, unit: &str) -> String {
        match self {
            Self::AtMost(bound) => format!("≤ {} {unit}", short(bound)),
            Self::AtLeast(bound) => format!("≥ {} {unit}", short(bound)),
            Self::PeerAtMost(bound) if bound < 0.2 => format!("peer ≥ {}×", short(1.0 / bound)),
            Self::PeerAtMost(bound) => format!("≤ {}× peer", short(bound)),
            Self::PeerAtLeast(bound) => format!("≥ {}× peer", short(bound)),
            Self::LimitAtMost(bound) => format!("≤ {}× limit", short(bound)),
            Self::LimitAtLeast(bound) => format!("≥ {}× limit", short(bound)),
        }
    }
}

/// One measurement of ours, and of what it is compared with.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: &'static str,
    ours: Runs,
    peer: Option<Runs>,
    limit: Option<Runs>,
    must: Vec<Bound>,
    note: Option<String>,
}

impl Row {
    pub(super) fn new(name: impl Into<String>, unit: &'static str, ours: Runs) -> Self {
        Self {
            name: name.into(),
            unit,
            ours,
            peer: None,
            limit: None,
            must: Vec::new(),
            note: None,
        }
    }

    /// The same, done by the functions in TypeScript.
    pub(super) fn peer(mut self, runs: Runs) -> Self {
        self.peer = Some(runs);
        self
    }

    /// The same, with nothing of ours in between.
    pub(super) fn limit(mut self, runs: Runs) -> Self {
        self.limit = Some(runs);
        self
    }

    pub(super) fn must(mut self, bound: Bound) -> Self {
        self.must.push(bound);
        self
    }

    /// What one has to know to read the row.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub(super) fn ratio_to(&self, other: Option<&Runs>) -> Option<f64> {
        other.map(|other| self.ours.median() / other.median())
    }

    pub(super) fn is_met(&self) -> bool {
        self.must.iter().all(|must| must.is_met(self))
    }

    pub(super) fn to_json(&self) -> Value {
        let median = |runs: Option<&Runs>| runs.map(Runs::median);
        let range = |runs: Option<&Runs>| runs.map(|runs| [runs.min(), runs.max()]);
        json!({
            "name": self.name,
            "ours": self.ours.median(),
            "peer": median(self.peer.as_ref()),
            "limit": median(self.limit.as_ref()),
            "ratio_peer": self.ratio_to(self.peer.as_ref()),
            "ratio_limit": self.ratio_to(self.limit.as_ref()),
            "unit": self.unit,
            "runs": self.ours.count(),
            "range": {
                "ours": range(Some(&self.ours)),
                "peer": range(self.peer.as_ref()),
                "limit": range(self.limit.as_ref()),
            },
            "must": self.must.iter().map(|must| must.text(self.unit)).collect::<Vec<_>>(),
            "ok": self.is_met(),
            "note": self.note,
        })
    }

    /// Whether it shows what it must.
    pub(super) fn mark(&self) -> &'static str {
        match (self.must.is_empty(), self.is_met()) {
            (true, _) => "·",
            (false, true) => "✓",
            (false, false) => "✗",
        }
    }

    /// The columns of a table: ours, the peer's, the limit, over the peer's, over the limit, and what it must show.
    pub(super) fn cells(&self) -> [String; 6] {
        let (peer, limit) = (self.peer.as_ref(), self.limit.as_ref());
        let cell = |runs: Option<&Runs>| runs.map_or_else(String::new, range);
        let ratio = |runs| self.ratio_to(runs).map_or_else(String::new, short);
        let must: Vec<_> = self
            .must
            .iter()
            .map(|bound| bound.text(self.unit))
            .collect();
        [
            range(&self.ours),
            cell(peer),
            cell(limit),
            ratio(peer),
            ratio(limit),
            must.join(", "),
        ]
    }
}

#[cfg(test)]
mod tests;
