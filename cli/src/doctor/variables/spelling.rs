//! Names that nothing reads, and values that were pasted with too much around them.

use std::collections::BTreeSet;

use super::read::Variables;
use crate::doctor::finding::Finding;
use crate::project::Project;

/// Beginnings of names that are ours or our services', so that a misspelt one is noticed.
const FAMILIES: [&str; 12] = [
    "CRON_",
    "DISPATCH_",
    "ENABLE_",
    "ERROR_TRACKING_",
    "GEMINI_",
    "GOOGLE_",
    "MAX_",
    "MONITORING_",
    "RENDER_",
    "REVID_",
    "SUPABASE_",
    "TOKEN_",
];

/// Compares every variable with the names in `.env.example`.
pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let example = std::fs::read_to_string(project.root().join(".env.example")).unwrap_or_default();
    let known: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .map(|(name, _)| name)
        .collect();
    for (name, value) in variables.all {
        if known.contains(name.as_str()) {
            if is_quoted(value) || value.contains(['\n', '\r']) {
                findings.push(Finding::fault(
                    format!("{name} has quotes or line breaks around its value"),
                    "paste the value alone: hosts do not strip them",
                ));
            }
        } else if !known.is_empty() && FAMILIES.iter().any(|family| name.starts_with(family)) {
            let near = known.iter().find(|known| distance(known, name) <= 2);
            let cure = match near {
                Some(near) => format!("was {near} meant?"),
                None => "take it out, or see .env.example for the name that was meant".to_owned(),
            };
            findings.push(Finding::advice(format!("nothing reads {name}"), cure));
        }
    }
}

fn is_quoted(value: &str) -> bool {
    value.len() > 1
        && ['"', '\'']
            .iter()
            .any(|quote| value.starts_with(*quote) && value.ends_with(*quote))
}

/// How many letters two names differ by.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}
