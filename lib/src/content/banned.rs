//! Refusing what touches a banned topic.

use serde_json::Value;

use super::brief::Brief;
use super::topics::{Hit, Topics};
use platform::endpoint::{Kind, Problem};

/// The problem of a text at `pointer` that touches a banned topic; `what` begins the sentence that says so.
pub(super) fn banned(hit: &Hit, pointer: &str, what: &str) -> Problem {
    let detail = hit.explain(what);
    Problem::new(Kind::BannedTopic)
        .detail(detail.clone())
        .pointer(pointer, detail)
}

/// Checks what is asked for and what it builds on.
pub(super) fn check_request(
    topics: &Topics,
    brief: &Brief,
    source: Option<&Value>,
) -> Result<(), Problem> {
    for (pointer, text) in brief.texts() {
        if let Some(hit) = topics.find([text]) {
            return Err(banned(&hit, pointer, &format!("The {}", &pointer[1..])));
        }
    }
    match topics.find(source.map(strings).unwrap_or_default()) {
        Some(hit) => Err(banned(&hit, "/source_id", "What it builds on")),
        None => Ok(()),
    }
}

/// All strings in a value, ids and times among them.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn strings_are_found_at_any_depth() {
        let value = json!({"a": ["x", {"b": "y"}], "c": 1});
        assert_eq!(strings(&value), ["x", "y"]);
    }
}
