//! What was measured: rows with medians, what each must show, a table for people and JSON for programs.

use serde_json::{Value, json};

/// Several runs of one measurement.
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
        let at = self
            .0
            .partition_point(|known| known.total_cmp(&value).is_lt());
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
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    fn max(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

/// What a row must show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Must {
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

impl Must {
    fn is_met(self, row: &Row) -> bool {
        let ours = row.ours.median();
        match self {
            Self::AtMost(bound) => ours <= bound,
            Self::AtLeast(bound) => ours >= bound,
            Self::PeerAtMost(bound) => row.ratio(row.peer.as_ref()).is_some_and(|r| r <= bound),
            Self::PeerAtLeast(bound) => row.ratio(row.peer.as_ref()).is_some_and(|r| r >= bound),
            Self::LimitAtMost(bound) => row.ratio(row.limit.as_ref()).is_some_and(|r| r <= bound),
            Self::LimitAtLeast(bound) => row.ratio(row.limit.as_ref()).is_some_and(|r| r >= bound),
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
    name: String,
    unit: &'static str,
    ours: Runs,
    peer: Option<Runs>,
    limit: Option<Runs>,
    must: Vec<Must>,
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

    pub(super) fn must(mut self, must: Must) -> Self {
        self.must.push(must);
        self
    }

    /// What one has to know to read the row.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn ratio(&self, other: Option<&Runs>) -> Option<f64> {
        other.map(|other| self.ours.median() / other.median())
    }

    pub(super) fn is_met(&self) -> bool {
        self.must.iter().all(|must| must.is_met(self))
    }

    fn to_json(&self) -> Value {
        let median = |runs: Option<&Runs>| runs.map(Runs::median);
        let range = |runs: Option<&Runs>| runs.map(|runs| [runs.min(), runs.max()]);
        json!({
            "name": self.name,
            "ours": self.ours.median(),
            "peer": median(self.peer.as_ref()),
            "limit": median(self.limit.as_ref()),
            "ratio_peer": self.ratio(self.peer.as_ref()),
            "ratio_limit": self.ratio(self.limit.as_ref()),
            "unit": self.unit,
            "runs": self.ours.0.len(),
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
}

/// All rows, in the order in which they were measured.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a row and prints it, so that a person sees that something happens.
    pub(super) fn add(&mut self, row: Row) {
        if self.rows.is_empty() {
            println!(
                "{}",
                line(
                    "",
                    "",
                    &["ours", "peer", "limit"],
                    "÷ peer",
                    "÷ limit",
                    "must"
                )
            );
        }
        println!("{}", table_line(&row));
        self.rows.push(row);
    }

    pub(super) fn is_met(&self) -> bool {
        self.rows.iter().all(Row::is_met)
    }

    /// The table of docs/performance.md.
    pub(super) fn to_markdown(&self, machine: &Value) -> String {
        let text = |name: &str| machine[name].as_str().unwrap_or_default();
        let mut lines = vec![
            format!(
                "Measured at {} on {} cores ({}), {} of memory.",
                text("at").split('.').next().unwrap_or_default(),
                machine["cores"],
                text("processor"),
                text("memory"),
            ),
            String::new(),
            "| row | ours | peer | limit | ÷ peer | ÷ limit | must | |".to_owned(),
            "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |".to_owned(),
        ];
        for row in &self.rows {
            let cell = |runs: Option<&Runs>| runs.map_or_else(String::new, range);
            let ratio = |runs: Option<&Runs>| row.ratio(runs).map_or_else(String::new, short);
            let must: Vec<_> = row.must.iter().map(|must| must.text(row.unit)).collect();
            let unit = if row.unit.is_empty() {
                String::new()
            } else {
                format!(", {}", row.unit)
            };
            let (ours, peer, limit) = (Some(&row.ours), row.peer.as_ref(), row.limit.as_ref());
            lines.push(format!(
                "| {}{unit} | {} | {} | {} | {} | {} | {} | {} |",
                row.name,
                cell(ours),
                cell(peer),
                cell(limit),
                ratio(peer),
                ratio(limit),
                must.join(", "),
                mark(row)
            ));
        }
        lines.join("\n")
    }

    pub(super) fn to_json(&self, machine: &Value, missing: &[&str]) -> Value {
        json!({
            "machine": machine,
            "ok": missing.is_empty() && self.is_met(),
            "missing": missing,
            "rows": self.rows.iter().map(Row::to_json).collect::<Vec<_>>(),
        })
    }
}

fn table_line(row: &Row) -> String {
    let cell = |runs: Option<&Runs>| runs.map_or_else(String::new, range);
    let ratio = |runs: Option<&Runs>| row.ratio(runs).map_or_else(String::new, short);
    let (ours, peer, limit) = (
        cell(Some(&row.ours)),
        cell(row.peer.as_ref()),
        cell(row.limit.as_ref()),
    );
    let must: Vec<_> = row.must.iter().map(|must| must.text(row.unit)).collect();
    line(
        mark(row),
        &format!("{} [{}]", row.name, row.unit),
        &[&ours, &peer, &limit],
        &ratio(row.peer.as_ref()),
        &ratio(row.limit.as_ref()),
        &must.join(", "),
    )
}

fn line(
    mark: &str,
    name: &str,
    cells: &[&str; 3],
    to_peer: &str,
    to_limit: &str,
    must: &str,
) -> String {
    let [ours, peer, limit] = cells;
    format!(
        "{mark:<1} {name:<52} {ours:>26} {peer:>26} {limit:>26} {to_peer:>8} {to_limit:>8}  {must}"
    )
}

fn mark(row: &Row) -> &'static str {
    match (row.must.is_empty(), row.is_met()) {
        (true, _) => "·",
        (false, true) => "✓",
        (false, false) => "✗",
    }
}

/// The median, and between which runs it lies.
fn range(runs: &Runs) -> String {
    if runs.0.len() < 2 {
        return short(runs.median());
    }
    format!(
        "{} ({}–{})",
        short(runs.median()),
        short(runs.min()),
        short(runs.max())
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_the_shape_that_programs_read() {
        let row = Row::new("warm", "ms", Runs::new(vec![3.0, 1.0, 2.0]))
            .peer(Runs::new(vec![8.0]))
            .limit(Runs::new(vec![1.6, 2.4]))
            .must(Must::PeerAtMost(0.5))
            .must(Must::LimitAtMost(1.3));
        assert_eq!(
            row.to_json(),
            json!({
                "name": "warm", "ours": 2.0, "peer": 8.0, "limit": 2.0, "ratio_peer": 0.25, "ratio_limit": 1.0,
                "unit": "ms", "runs": 3,
                "range": {"ours": [1.0, 3.0], "peer": [8.0, 8.0], "limit": [1.6, 2.4]},
                "must": ["≤ 0.500× peer", "≤ 1.30× limit"], "ok": true, "note": null,
            })
        );
    }

    #[test]
    fn a_bound_without_anything_to_compare_with_is_not_met() {
        let row = |must| Row::new("x", "ms", Runs::once(1.0)).must(must);
        assert!(!row(Must::PeerAtMost(2.0)).is_met());
        assert!(!row(Must::LimitAtLeast(0.1)).is_met());
        assert!(row(Must::AtMost(1.0)).is_met() && row(Must::AtLeast(1.0)).is_met());
        assert!(!row(Must::AtMost(0.9)).is_met() && !row(Must::AtLeast(1.1)).is_met());
    }

    #[test]
    fn quantiles_and_medians_are_of_sorted_runs() {
        let mut runs = Runs::default();
        for value in [5.0, 1.0, 4.0, 2.0, 3.0] {
            runs.push(value);
        }
        assert_eq!(
            (runs.median(), runs.quantile(0.0), runs.quantile(0.99)),
            (3.0, 1.0, 5.0)
        );
        assert!(Runs::default().median().is_nan());
    }
}
