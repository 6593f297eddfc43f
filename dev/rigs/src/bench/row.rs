//! One measurement of ours, of what it is compared with, and what it must show.

use serde_json::{Value, json};

/// The values of several runs of one measurement, the smallest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Runs(Vec<f64>);

impl Runs {
    /// Runs in any order.
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// What is the same in every run: a file's size, a count.
    pub(super) fn once(value: f64) -> Self {
        Self(vec![value])
    }

    pub(super) fn push(&mut self, value: f64) {
        let at = self.0.partition_point(|known| *known < value);
        self.0.insert(at, value);
    }

    /// The value below which this part of the runs lies.
    pub(super) fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (part * last as f64).round() as usize;
        self.0.get(at.min(last)).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn median(&self) -> f64 {
        match self.0.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => self.0[n / 2],
            n => f64::midpoint(self.0[n / 2 - 1], self.0[n / 2]),
        }
    }

    fn min(&self) -> f64 {
        self.quantile(0.0)
    }

    fn max(&self) -> f64 {
        self.quantile(1.0)
    }

    /// The median for people, and between which runs it lies.
    fn text(&self) -> String {
        let median = short(self.median());
        if self.0.len() < 2 {
            return median;
        }
        format!("{median} ({}–{})", short(self.min()), short(self.max()))
    }
}

/// Three digits that matter.
fn short(value: f64) -> String {
    match value.abs() {
        v if !v.is_finite() => "–".to_owned(),
        v if v >= 1e6 => format!("{:.2} M", value / 1e6),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 || v == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

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
        let [to_peer, to_limit] = [&row.peer, &row.limit].map(|other| row.ratio_to(other));
        match self {
            Self::AtMost(bound) => ours <= bound,
            Self::AtLeast(bound) => ours >= bound,
            Self::PeerAtMost(bound) => to_peer.is_some_and(|ratio| ratio <= bound),
            Self::PeerAtLeast(bound) => to_peer.is_some_and(|ratio| ratio >= bound),
            Self::LimitAtMost(bound) => to_limit.is_some_and(|ratio| ratio <= bound),
            Self::LimitAtLeast(bound) => to_limit.is_some_and(|ratio| ratio >= bound),
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

    fn ratio_to(&self, other: &Option<Runs>) -> Option<f64> {
        other
            .as_ref()
            .map(|other| self.ours.median() / other.median())
    }

    pub(super) fn is_met(&self) -> bool {
        self.must.iter().all(|must| must.is_met(self))
    }

    pub(super) fn to_json(&self) -> Value {
        let median = |runs: &Option<Runs>| runs.as_ref().map(Runs::median);
        let range = |runs: &Option<Runs>| runs.as_ref().map(|runs| [runs.min(), runs.max()]);
        json!({
            "name": self.name,
            "ours": self.ours.median(),
            "peer": median(&self.peer),
            "limit": median(&self.limit),
            "ratio_peer": self.ratio_to(&self.peer),
            "ratio_limit": self.ratio_to(&self.limit),
            "unit": self.unit,
            "runs": self.ours.0.len(),
            "range": {"ours": [self.ours.min(), self.ours.max()], "peer": range(&self.peer), "limit": range(&self.limit)},
            "must": self.musts(),
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

    fn musts(&self) -> Vec<String> {
        self.must
            .iter()
            .map(|bound| bound.text(self.unit))
            .collect()
    }

    /// The columns of a table: ours, the peer's, the limit, over the peer's, over the limit, and what it must show.
    pub(super) fn cells(&self) -> [String; 6] {
        let cell = |runs: &Option<Runs>| runs.as_ref().map_or_else(String::new, Runs::text);
        let ratio = |runs| self.ratio_to(runs).map_or_else(String::new, short);
        let (peer, limit) = (&self.peer, &self.limit);
        let must = self.musts().join(", ");
        [
            self.ours.text(),
            cell(peer),
            cell(limit),
            ratio(peer),
            ratio(limit),
            must,
        ]
    }
}

#[cfg(test)]
mod tests;
