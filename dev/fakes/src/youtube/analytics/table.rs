//! The table that a report answers with.

use serde_json::{Value, json};

use super::metrics::{RETENTION, Sums};

/// The values of the dimensions, and the sums.
pub(super) type Row = (Vec<String>, Sums);

pub(super) fn body(dimensions: &[&str], metrics: &[&str], rows: Vec<Value>) -> Value {
    let header = |name: &str, column: &str, data: &str| json!({"name": name, "columnType": column, "dataType": data});
    let is_float = |name: &str| name == "averageViewPercentage" || name == RETENTION;
    let metric = |name: &&str| {
        header(
            name,
            "METRIC",
            if is_float(name) { "FLOAT" } else { "INTEGER" },
        )
    };
    let dimension = |name: &&str| header(name, "DIMENSION", "STRING");
    let headers: Vec<Value> = dimensions
        .iter()
        .map(dimension)
        .chain(metrics.iter().map(metric))
        .collect();
    let mut body = json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers});
    if !rows.is_empty() {
        body["rows"] = Value::Array(rows);
    }
    body
}
