//! Schemas in the manner of OpenAPI: `responseSchema`.

use serde_json::Value;

use super::known::known;
use crate::{
    failure::Failure,
    gemini::{
        errors::{invalid, violation},
        json::{entries, get, members, snake},
    },
};

const SCHEMA: &str = "type format title description nullable enum items minItems maxItems properties required minProperties \
                      maxProperties minimum maximum minLength maxLength pattern example anyOf propertyOrdering default";

const TYPES: [&str; 7] = [
    "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL",
];

pub(super) fn check(schema: &Value, path: &str, depth: usize) -> Result<(), Failure> {
    known(schema, SCHEMA, path)?;
    if depth > 12 {
        return Err(invalid(
            "The specified schema produces a constraint that has too many states for serving.",
        ));
    }
    check_type(schema, path)?;
    let properties = || members(schema, "properties");
    for list in ["required", "propertyOrdering"] {
        let mut names = entries(schema, list).filter_map(Value::as_str);
        let is_undefined = |name: &&str| !properties().any(|(known, _)| known == name);
        if let Some(name) = names.find(is_undefined) {
            return Err(invalid(&format!(
                "* GenerateContentRequest.{path}.{}: property is not defined: {name}",
                snake(list)
            )));
        }
    }
    for (name, property) in properties() {
        check(property, &format!("{path}.properties[{name}]"), depth + 1)?;
    }
    let is_array = |kind: &str| kind.eq_ignore_ascii_case("ARRAY");
    match schema.get("items") {
        Some(items) => check(items, &format!("{path}.items"), depth + 1)?,
        None if schema
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(is_array) =>
        {
            return Err(invalid(&format!(
                "* GenerateContentRequest.{path}.items: missing field."
            )));
        }
        None => {}
    }
    for choice in entries(schema, "anyOf") {
        check(choice, &format!("{path}.any_of"), depth + 1)?;
    }
    Ok(())
}

fn check_type(schema: &Value, path: &str) -> Result<(), Failure> {
    let message = match schema.get("type") {
        Some(Value::String(kind)) if TYPES.contains(&kind.to_uppercase().as_str()) => return Ok(()),
        None if get(schema, "anyOf").is_some() => return Ok(()),
        Some(Value::Array(_)) => format!(
            "Invalid JSON payload received. Unknown name \"type\" at '{path}': Proto field is not repeating, cannot start list."
        ),
        Some(kind) => format!(
            "Invalid value at '{path}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), {kind}"
        ),
        None => format!("* GenerateContentRequest.{path}.type: must be specified"),
    };
    Err(violation(&message, path))
}
