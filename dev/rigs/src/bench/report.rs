//! All rows: a table for people and JSON for programs.

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};

use super::row::Row;

/// Between which the table stands in docs/performance.md.
const MARKS: [&str; 2] = ["<!-- figures -->\n", "<!-- end of figures -->\n"];

/// The rows in the order in which they were measured.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a row and prints it, so that a person sees that something happens.
    pub(super) fn add(&mut self, row: Row) {
        if self.rows.is_empty() {
            let heads = ["ours", "peer", "limit", "÷ peer", "÷ limit", "must"];
            print("", "", &heads.map(str::to_owned));
        }
        print(
            row.mark(),
            &format!("{} [{}]", row.name, row.unit),
            &row.cells(),
        );
        self.rows.push(row);
    }

    pub(super) fn is_met(&self) -> bool {
        self.rows.iter().all(Row::is_met)
    }

    /// Puts the table into docs/performance.md, between the two marks.
    pub(super) fn write_page(&self, project: &Project, machine: &Value) -> Result {
        let path = project.root().join("docs/performance.md");
        let failed = |what| Error::io(format!("cannot {what} {}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(failed("read"))?;
        let parts = text.split_once(MARKS[0]);
        let parts = parts.and_then(|(head, rest)| Some((head, rest.split_once(MARKS[1])?.1)));
        let Some((head, tail)) = parts else {
            return Err(Error::setup(
                format!("{} has no place for the figures", path.display()),
                "put the marks <!-- figures --> and <!-- end of figures --> around them",
            ));
        };
        let table = self.to_markdown(machine);
        let text = format!("{head}{}{table}\n{}{tail}", MARKS[0], MARKS[1]);
        std::fs::write(&path, text).map_err(failed("write"))
    }

    fn to_markdown(&self, machine: &Value) -> String {
        let text = |name: &str| machine[name].as_str().unwrap_or_default();
        let (at, cores, processor, memory) = (
            text("at"),
            &machine["cores"],
            text("processor"),
            text("memory"),
        );
        let at = at.split('.').next().unwrap_or_default();
        let mut lines = vec![
            format!("Measured at {at} on {cores} cores ({processor}), {memory} of memory."),
            String::new(),
            "| row | ours | peer | limit | ÷ peer | ÷ limit | must | |".to_owned(),
            "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |".to_owned(),
        ];
        for row in &self.rows {
            let comma = if row.unit.is_empty() { "" } else { ", " };
            let (name, unit, cells) = (&row.name, row.unit, row.cells().join(" | "));
            lines.push(format!(
                "| {name}{comma}{unit} | {cells} | {} |",
                row.mark()
            ));
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

fn print(mark: &str, name: &str, cells: &[String; 6]) {
    let [ours, peer, limit, to_peer, to_limit, must] = cells;
    println!(
        "{mark:<1} {name:<52} {ours:>26} {peer:>26} {limit:>26} {to_peer:>8} {to_limit:>8}  {must}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::row::{Bound, Runs};

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
