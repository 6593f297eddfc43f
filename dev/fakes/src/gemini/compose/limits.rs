//! What a schema says about the size of a value.

use serde_json::Value;

/// The allowed values of a schema, if it lists them.
pub(super) fn variants(schema: &Value) -> &[Value] {
    schema
        .get("enum")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A number that may be written as text.
pub(super) fn number(schema: &Value, name: &str) -> Option<f64> {
    let value = schema.get(name)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn count(schema: &Value, name: &str) -> Option<usize> {
    number(schema, name).map(|value| value.max(0.0) as usize)
}

pub(super) fn is_type(schema: &Value, kind: &str) -> bool {
    schema
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|text| text.eq_ignore_ascii_case(kind))
}
