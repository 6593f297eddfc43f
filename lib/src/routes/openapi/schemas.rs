//! The schemas of the document, each under its name.

use platform::endpoint::Schemas;
use serde_json::{Map, Value, json};

/// Adds schemas by name.
pub(super) fn add(schemas: &mut Map<String, Value>, new: Schemas) {
    for (name, schema) in new {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
}

/// Adds the schemas of a type, and refers to it.
pub(super) fn reference(
    found: Option<(String, Schemas)>,
    schemas: &mut Map<String, Value>,
) -> Option<Value> {
    let (name, new) = found?;
    add(schemas, new);
    Some(json!({"$ref": format!("#/components/schemas/{name}")}))
}
