//! Refusing unknown fields by name.

use serde_json::Value;

use crate::{
    failure::Failure,
    gemini::{
        errors::{invalid, violation},
        json::snake,
    },
};

/// Refuses members whose names are not among these, in either spelling.
pub(super) fn known(object: &Value, names: &str, path: &str) -> Result<(), Failure> {
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
