//! Reading JSON whose names come in two spellings.

use serde_json::Value;

/// A field of a request by its `camelCase` name, in either spelling; a null is none.
pub(super) fn get<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let value = object.get(name).or_else(|| object.get(snake(name)));
    value.filter(|value| !value.is_null())
}

/// A field that is text.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    get(object, name)?.as_str()
}

/// The entries of a field that is a list; none where there is no list.
pub(super) fn entries<'a>(
    object: &'a Value,
    name: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    get(object, name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The members of a field that is an object.
pub(super) fn members<'a>(
    object: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    get(object, name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// `camelCase` to `snake_case`.
pub(super) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
