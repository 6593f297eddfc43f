//! The migrations as a reader meets them: short files in an order in which nothing is used before it exists.

use std::{collections::BTreeMap, path::Path};

use catalyst_cli::migrate::{self, Migration, statements};

/// A reader takes one file in at once.
const LINES: usize = 400;
const COLUMNS: usize = 120;

/// The names that the product's plan gives, in its order; other objects stand between them.
const GIVEN: [&str; 5] = [
    "initial_schema",
    "add_performance_scoring",
    "add_content_generation",
    "add_video_processing",
    "add_upload_scheduling",
];

fn migrations() -> Vec<Migration> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../supabase/migrations");
    migrate::read(&folder).expect("the folder holds migrations")
}

#[test]
fn files_are_short_and_lines_are_narrow() {
    let mut faults = Vec::new();
    for migration in migrations() {
        let lines = migration.sql.lines().count();
        if lines > LINES {
            faults.push(format!("{} has {lines} lines", migration.file));
        }
        for (number, line) in (1..).zip(migration.sql.lines()) {
            let columns = line.chars().count();
            if columns > COLUMNS {
                faults.push(format!("{}:{number} has {columns} columns", migration.file));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_given_names_come_in_the_given_order() {
    let names: Vec<String> = migrations()
        .into_iter()
        .map(|migration| migration.name)
        .filter(|name| GIVEN.contains(&name.as_str()))
        .collect();
    assert_eq!(names, GIVEN);
    assert_eq!(migrations()[0].name, GIVEN[0]);
}

/// A function's body is read when it first runs: Postgres itself does not notice that it names what comes later.
#[test]
fn nothing_is_used_before_it_exists() {
    let migrations = migrations();
    let statements: Vec<(&str, String)> = migrations
        .iter()
        .flat_map(|migration| {
            statements(&migration.sql)
                .into_iter()
                .map(|statement| (migration.file.as_str(), code(&statement.text)))
        })
        .collect();
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for (place, (_, text)) in statements.iter().enumerate() {
        if let Some(object) = creates(text) {
            made.entry(object).or_insert(place);
        }
    }
    assert!(made.len() > 200, "only {} objects were found", made.len());
    let mut faults = Vec::new();
    for (place, (file, text)) in statements.iter().enumerate() {
        for name in names(text) {
            if let Some(&later) = made.get(name).filter(|later| **later > place) {
                faults.push(format!(
                    "{file} uses {name}, which {} makes",
                    statements[later].0
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A statement without its comments; what it says about an object uses nothing.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect();
    let code = lines.join("\n");
    if code.trim_start().starts_with("comment on ") {
        String::new()
    } else {
        code
    }
}

/// The function, table or view that a statement makes.
fn creates(text: &str) -> Option<String> {
    let rest = text.trim_start().strip_prefix("create ")?;
    let rest = rest.strip_prefix("or replace ").unwrap_or(rest);
    let rest = ["function ", "table ", "view "]
        .iter()
        .find_map(|kind| rest.strip_prefix(kind))?;
    names(rest).next().map(str::to_owned)
}

/// Every `schema.object` of the product in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| {
            ["public.", "engine.", "private."]
                .iter()
                .any(|schema| word.starts_with(schema))
        })
        .map(|word| match word.match_indices('.').nth(1) {
            Some((end, _)) => &word[..end],
            None => word,
        })
}
