//! All rows: a table for people and JSON for programs.

use serde_json::{Value, json};

use super::row::Row;

/// The rows in the order in which they were measured.
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
                    &["ours", "peer", "limit", "÷ peer", "÷ limit", "must"]
                )
            );
        }
        let name = format!("{} [{}]", row.name, row.unit);
        println!(
            "{}",
            line(
                row.mark(),
                &name,
                &row.cells().each_ref().map(String::as_str)
            )
        );
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
            let unit = if row.unit.is_empty() {
                String::new()
            } else {
                format!(", {}", row.unit)
            };
            let cells = row.cells().join(" | ");
            lines.push(format!("| {}{unit} | {cells} | {} |", row.name, row.mark()));
        }
        lines.join("\n")
    }

    /// `missing` names the parts that were asked for and not measured.
    pub(super) fn to_json(&self, machine: &Value, missing: &[&str]) -> Value {
        json!({
            "machine": machine,
            "ok": missing.is_empty() && self.is_met(),
            "missing": missing,
            "rows": self.rows.iter().map(Row::to_json).collect::<Vec<_>>(),
        })
    }
}

fn line(mark: &str, name: &str, cells: &[&str; 6]) -> String {
    let [ours, peer, limit, to_peer, to_limit, must] = cells;
    format!(
        "{mark:<1} {name:<52} {ours:>26} {peer:>26} {limit:>26} {to_peer:>8} {to_limit:>8}  {must}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::row::Bound;
    use crate::bench::runs::Runs;

    #[test]
    fn a_report_with_something_missing_is_not_good() {
        let mut report = Report::default();
        report.add(Row::new("warm", "ms", Runs::once(1.0)).must(Bound::AtMost(2.0)));
        assert_eq!(report.to_json(&Value::Null, &[])["ok"], true);
        let partial = report.to_json(&Value::Null, &["growth"]);
        assert_eq!(partial["ok"], false);
        assert_eq!(partial["missing"], json!(["growth"]));
        assert_eq!(partial["rows"][0]["name"], "warm");
    }
}
