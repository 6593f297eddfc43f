//! The JSON schema of a tool's arguments.
//!
//! `input_schema/schemas.json` has a line for each tool, made of its operations' types by a test (`make snapshots`): the function that
//! answers the protocol would otherwise carry the description of every type of the API.

#[cfg(test)]
mod made;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde_json::{Map, Value};

const SCHEMAS: &str = include_str!("input_schema/schemas.json");

/// The schema of the arguments of the tool of this name.
pub(super) fn input_schema(name: &str) -> Map<String, Value> {
    static READ: LazyLock<Map<String, Value>> =
        LazyLock::new(|| serde_json::from_str(SCHEMAS).unwrap_or_default());
    match READ.get(name) {
        Some(Value::Object(schema)) => schema.clone(),
        _ => Map::new(),
    }
}
