//! What the service refuses of schemas, and of names that it does not know.

use serde_json::Value;

use super::errors::{invalid, violation};
use super::json::{entries, get, is_type, members, snake};
use crate::Failure;

const OPEN_API: &str = "type format title description nullable enum items minItems maxItems properties required minProperties \
                      maxProperties minimum maximum minLength maxLength pattern example anyOf propertyOrdering default";

const TYPES: [&str; 7] = [
    "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL",
];

/// Checks a schema in the manner of OpenAPI: `responseSchema`.
pub(crate) fn check_open_api(schema: &Value, path: &str, depth: usize) -> Result<(), Failure> {
    known(schema, OPEN_API, path)?;
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
            let field = format!("{path}.{}", snake(list));
            let message =
                format!("* GenerateContentRequest.{field}: property is not defined: {name}");
            return Err(invalid(&message));
        }
    }
    for (name, property) in properties() {
        check_open_api(property, &format!("{path}.properties[{name}]"), depth + 1)?;
    }
    match schema.get("items") {
        Some(items) => check_open_api(items, &format!("{path}.items"), depth + 1)?,
        None if is_type(schema, "ARRAY") => {
            let message = format!("* GenerateContentRequest.{path}.items: missing field.");
            return Err(invalid(&message));
        }
        None => {}
    }
    for choice in entries(schema, "anyOf") {
        check_open_api(choice, &format!("{path}.any_of"), depth + 1)?;
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

const KEYWORDS: &str = "$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum \
                        maximum anyOf oneOf properties additionalProperties required propertyOrdering";

/// Checks a JSON Schema: `responseJsonSchema`.
pub(crate) fn check_json_schema(schema: &Value, path: &str, depth: usize) -> Result<(), Failure> {
    if schema.is_boolean() || depth > 24 {
        return Ok(());
    }
    let Some(keywords) = schema.as_object() else {
        return Err(invalid(&format!("Invalid value at '{path}'.")));
    };
    let is_known = |key: &str| KEYWORDS.split(' ').any(|keyword| keyword == key);
    if let Some(key) = keywords.keys().find(|key| !is_known(key)) {
        return Err(invalid(&format!(
            "The JSON schema at '{path}' has the unsupported keyword \"{key}\"."
        )));
    }
    if keywords.contains_key("$ref") && keywords.keys().any(|key| !key.starts_with('$')) {
        let message = format!("The JSON schema at '{path}' has a $ref beside other keywords.");
        return Err(invalid(&message));
    }
    for list in ["properties", "$defs"] {
        for (name, one) in members(schema, list) {
            check_json_schema(one, &format!("{path}.{list}.{name}"), depth + 1)?;
        }
    }
    let single = ["items", "additionalProperties"]
        .iter()
        .filter_map(|name| schema.get(name));
    let listed = ["anyOf", "oneOf", "prefixItems"]
        .iter()
        .flat_map(|list| entries(schema, list));
    single
        .chain(listed)
        .try_for_each(|one| check_json_schema(one, path, depth + 1))
}

/// Refuses members whose names are not among these, in either spelling.
pub(crate) fn known(object: &Value, names: &str, path: &str) -> Result<(), Failure> {
    let Some(members) = object.as_object() else {
        let message = format!("Invalid value at '{path}' (type), it must be an object.");
        return Err(invalid(&message));
    };
    let is_known = |key: &str| {
        names
            .split(' ')
            .any(|name| name == key || snake(name) == key)
    };
    let Some(key) = members.keys().find(|key| !is_known(key)) else {
        return Ok(());
    };
    let place = if path.is_empty() {
        String::new()
    } else {
        format!(" at '{path}'")
    };
    let message =
        format!("Invalid JSON payload received. Unknown name \"{key}\"{place}: Cannot find field.");
    Err(violation(&message, path))
}
