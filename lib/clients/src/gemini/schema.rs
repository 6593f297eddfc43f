//! The OpenAPI 3.0 subset that `responseSchema` understands, as a few functions.
//!
//! Written by hand because the shapes are few and fixed, and because every keyword outside the subset is refused with
//! status 400. Keys come back in the order of `required`, so every property is listed there in the order it is written.

use serde_json::{Map, Value, json};

/// A string with a description of what belongs in it.
pub fn string(description: &str) -> Value {
    json!({"type": "STRING", "description": description})
}

/// A whole number.
pub fn integer(description: &str) -> Value {
    json!({"type": "INTEGER", "description": description})
}

/// One of the given strings: only a real `enum` is enforced by the service.
pub fn one_of(description: &str, values: &[&str]) -> Value {
    json!({"type": "STRING", "description": description, "enum": values})
}

/// A list of `items`.
pub fn list(description: &str, items: Value) -> Value {
    json!({"type": "ARRAY", "description": description, "items": items})
}

/// A list of strings with bounds on its length.
pub fn strings(description: &str, item: &str, min: u64, max: u64) -> Value {
    json!({"type": "ARRAY", "description": description, "items": string(item), "minItems": min, "maxItems": max})
}

/// An object whose properties are all required, written in the order given.
pub fn object<'a>(properties: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Vec<(&str, Value)> = properties.into_iter().collect();
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let required = json!(required);
    let properties: Map<String, Value> = properties
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    json!({"type": "OBJECT", "properties": properties, "required": required, "propertyOrdering": required})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_requires_every_property_in_the_order_it_is_written() {
        let schema = object([("why", string("w")), ("answer", integer("a"))]);
        assert_eq!(schema["required"], json!(["why", "answer"]));
        assert_eq!(schema["propertyOrdering"], schema["required"]);
    }
}
