//! Every promise of `docs/` names a test that exists: a Rust test (`api::nobody_gets_the_answer_of_another`: the test
//! target or crate, and the function), a file of tests (`supabase/tests/70_rights_test.sql`) or a target of the Makefile
//! (`make crash`). `docs/cases.md` is read alike: its tests may be named by their beginning (`score_files::case_f01_*`).

use std::collections::BTreeSet;
use std::{fs, path::Path};

use regex::Regex;

/// The documents that promise something, in tables whose first column is `promise`.
const DOCUMENTS: [&str; 11] = [
    "docs/api.md",
    "docs/backups.md",
    "docs/deploying.md",
    "docs/mcp.md",
    "docs/monitoring.md",
    "docs/operations.md",
    "docs/reliability.md",
    "docs/scaling.md",
    "docs/security.md",
    "docs/settings.md",
    "docs/webhooks.md",
];
/// The document whose tables name cases, and a test named after each: `case_f01_…` for F-01.
const CASES: &str = "docs/cases.md";
/// Folders that hold no tests of ours.
const FOREIGN: [&str; 4] = ["target", "node_modules", "public", "docs"];

/// Every row of a table of promises, and of any other table with a column `test`, must name tests that exist.
pub(super) fn check(root: &Path, faults: &mut Vec<String>) {
    let mut tests = BTreeSet::new();
    add_rust_tests(root, root, &mut tests);
    add_make_targets(root, &mut tests);
    for document in DOCUMENTS.into_iter().chain([CASES]) {
        let text = fs::read_to_string(root.join(document)).unwrap_or_default();
        let tables = tables(&text);
        let promises_something = |rows: &Vec<Vec<&str>>| rows[0].get(1) == Some(&"promise");
        if document != CASES && !tables.iter().any(promises_something) {
            faults.push(format!("{document} has no table of what it promises"));
        }
        for rows in tables {
            let column = rows[0].iter().position(|cell| *cell == "test");
            if column.is_none() && rows[0].get(1) != Some(&"promise") {
                continue;
            }
            for row in &rows[2..] {
                let shown_by = column.and_then(|column| row.get(column)).unwrap_or(&"");
                check_row(root, &tests, document, row, shown_by, faults);
            }
        }
    }
}

/// One row, and what its column `test` says.
fn check_row(
    root: &Path,
    tests: &BTreeSet<String>,
    document: &str,
    row: &[&str],
    shown_by: &str,
    faults: &mut Vec<String>,
) {
    let said = row.iter().find(|cell| !cell.is_empty()).unwrap_or(&"");
    let named: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
    if named.is_empty() {
        faults.push(format!("{document}: no test is named that shows “{said}”"));
    }
    let is_there = |name: &str| match name.strip_suffix('*') {
        Some(beginning) => tests.iter().any(|test| test.starts_with(beginning)),
        None => tests.contains(name) || is_file_of_tests(root, name),
    };
    for name in named.iter().filter(|name| !is_there(name)) {
        faults.push(format!(
            "{document}: there is no test {name}, to show “{said}”"
        ));
    }
    let ids = said.split(", ").filter(|_| document == CASES);
    for id in ids.map(|id| format!("case_{}_", id.to_lowercase().replace('-', ""))) {
        let is_named_after = |name: &&str| {
            name.contains(&format!("::{id}"))
                || fs::read_to_string(root.join(name))
                    .is_ok_and(|text| text.contains(id.trim_end_matches('_')))
        };
        if !named.iter().any(is_named_after) {
            faults.push(format!("{document}: no test {id}… is named in “{said}”"));
        }
    }
}

/// The tables of a document, as rows of cells. The first and last cell of a row are what stands outside of its bars.
fn tables(text: &str) -> Vec<Vec<Vec<&str>>> {
    let lines: Vec<&str> = text.lines().collect();
    let tables = lines
        .split(|line| !line.starts_with('|'))
        .filter(|table| table.len() > 2);
    tables
        .map(|table| table.iter().copied().map(cells).collect())
        .collect()
}

fn cells(row: &str) -> Vec<&str> {
    row.split('|').map(str::trim).collect()
}

/// Whether this is the name of a file with tests that Cargo does not run.
fn is_file_of_tests(root: &Path, name: &str) -> bool {
    name.contains("tests/") && !name.ends_with(".rs") && root.join(name).is_file()
}

fn add_make_targets(root: &Path, tests: &mut BTreeSet<String>) {
    let makefile = fs::read_to_string(root.join("Makefile")).unwrap_or_default();
    let target = Regex::new(r"(?m)^([a-z][a-z-]*):").expect("a constant of this file");
    tests.extend(
        target
            .captures_iter(&makefile)
            .map(|found| format!("make {}", &found[1])),
    );
}

fn add_rust_tests(root: &Path, folder: &Path, tests: &mut BTreeSet<String>) {
    let test = r"#\[(?:tokio::)?test\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:async\s+)?fn\s+(\w+)";
    let test = Regex::new(test).expect("a constant of this file");
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (
            entry.path(),
            entry.file_name().to_string_lossy().into_owned(),
        );
        if path.is_dir() && !FOREIGN.contains(&name.as_str()) && !name.starts_with('.') {
            add_rust_tests(root, &path, tests);
        } else if name.ends_with(".rs")
            && let Some(target) = target(root, &path)
        {
            let text = fs::read_to_string(&path).unwrap_or_default();
            tests.extend(
                test.captures_iter(&text)
                    .map(|found| format!("{target}::{}", &found[1])),
            );
        }
    }
}

/// What Cargo builds of a file: `api` of `tests/api/caching.rs`, `platform` of `lib/platform/src/auth/token/tests.rs`.
fn target(root: &Path, file: &Path) -> Option<String> {
    let path = file.strip_prefix(root).ok()?.with_extension("");
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let at = parts
        .iter()
        .position(|part| matches!(*part, "src" | "tests"))?;
    let name = match (parts[at], at.checked_sub(1).map(|before| parts[before])) {
        ("tests", _) => *parts.get(at + 1)?,
        (_, Some("lib")) => "catalyst",
        (_, Some("cli")) => "catalyst_cli",
        (_, package) => package?,
    };
    Some(name.to_owned())
}
