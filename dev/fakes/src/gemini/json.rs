//! Reading requests, whose names come in two spellings, and the schemas in them.

use serde_json::Value;

/// A field of a request by its `camelCase` name, in either spelling; a null is none.
pub(crate) fn get<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let value = object.get(name).or_else(|| object.get(snake(name)));
    value.filter(|value| !value.is_null())
}

/// A field that is text.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    get(object, name)?.as_str()
}

/// The entries of a field that is a list; none where there is no list.
pub(crate) fn entries<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    get(of, name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The members of a field that is an object.
pub(crate) fn members<'a>(
    object: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    get(object, name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// `camelCase` to `snake_case`.
pub(crate) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// The allowed values of a schema, if it lists them.
pub(crate) fn variants(schema: &Value) -> &[Value] {
    schema["enum"].as_array().map_or(&[], Vec::as_slice)
}

/// A number that may be written as text.
pub(crate) fn number(schema: &Value, name: &str) -> Option<f64> {
    let value = schema.get(name)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

pub(crate) fn count(schema: &Value, name: &str) -> Option<usize> {
    number(schema, name).map(|value| value.max(0.0) as usize)
}

pub(crate) fn is_type(schema: &Value, kind: &str) -> bool {
    schema["type"]
        .as_str()
        .is_some_and(|text| text.eq_ignore_ascii_case(kind))
}
