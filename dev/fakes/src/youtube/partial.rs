//! Partial responses (`fields=`), ETags and compression.

use std::io::Write as _;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use serde_json::{Map, Value};

use super::errors;
use crate::{
    server::{Head, json_answer, with_header},
    world::short_id,
};

/// A selection of fields: names, each with a selection below it (none: everything).
#[derive(Debug, Default, PartialEq, Eq)]
struct Selection(Vec<(String, Option<Selection>)>);

/// Reads `a,b/c,d(e,f/g)`.
fn parse(text: &str) -> Option<Selection> {
    let mut rest = text;
    let selection = list(&mut rest)?;
    rest.is_empty().then_some(selection)
}

fn list(rest: &mut &str) -> Option<Selection> {
    let mut selection = Selection::default();
    loop {
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '*' || c == '-'))
            .unwrap_or(rest.len());
        if end == 0 {
            return None;
        }
        let name = rest[..end].to_owned();
        *rest = &rest[end..];
        let below = if let Some(after) = rest.strip_prefix('(') {
            *rest = after;
            let below = list(rest)?;
            *rest = rest.strip_prefix(')')?;
            Some(below)
        } else if let Some(after) = rest.strip_prefix('/') {
            *rest = after;
            Some(one(rest)?)
        } else {
            None
        };
        selection.0.push((name, below));
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(selection),
        }
    }
}

/// What follows a slash: one name with what is below it.
fn one(rest: &mut &str) -> Option<Selection> {
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '*'))
        .unwrap_or(rest.len());
    if end == 0 {
        return None;
    }
    let name = rest[..end].to_owned();
    *rest = &rest[end..];
    let below = if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        let below = list(rest)?;
        *rest = rest.strip_prefix(')')?;
        Some(below)
    } else if let Some(after) = rest.strip_prefix('/') {
        *rest = after;
        Some(one(rest)?)
    } else {
        None
    };
    Some(Selection(vec![(name, below)]))
}

fn prune(value: Value, selection: &Selection) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| prune(item, selection))
            .collect(),
        Value::Object(object) => {
            let mut kept = Map::new();
            for (name, member) in object {
                let chosen = selection
                    .0
                    .iter()
                    .filter(|(wanted, _)| *wanted == name || wanted == "*");
                let below: Vec<&Option<Selection>> = chosen.map(|(_, below)| below).collect();
                if below.is_empty() {
                    continue;
                }
                if below.iter().any(|below| below.is_none()) {
                    kept.insert(name, member);
                    continue;
                }
                let all = Selection(
                    below
                        .into_iter()
                        .flatten()
                        .flat_map(|s| s.0.iter().map(clone_entry))
                        .collect(),
                );
                kept.insert(name, prune(member, &all));
            }
            Value::Object(kept)
        }
        other => other,
    }
}

fn clone_entry((name, below): &(String, Option<Selection>)) -> (String, Option<Selection>) {
    (
        name.clone(),
        below
            .as_ref()
            .map(|below| Selection(below.0.iter().map(clone_entry).collect())),
    )
}

/// Answers with JSON: with an ETag, only the wanted fields, compressed when both headers ask for it.
pub(super) fn respond(head: &Head, mut value: Value) -> Response {
    let etag = match value.get("etag").and_then(Value::as_str) {
        Some("") => short_id(&[&value.to_string()], 27),
        Some(etag) => etag.to_owned(),
        None => String::new(),
    };
    if !etag.is_empty() {
        value["etag"] = Value::String(etag.clone());
        let known = head.header("if-none-match").is_some_and(|known| {
            known
                .split(',')
                .any(|known| known.trim().trim_matches('"') == etag)
        });
        if known {
            return with_header(super::empty(304), "etag", &format!("\"{etag}\""));
        }
    }
    if let Some(fields) = head.param("fields") {
        let Some(selection) = parse(fields) else {
            return errors::invalid_parameter(
                "fields",
                &format!("Invalid field selection {fields}"),
            )
            .into_response();
        };
        value = prune(value, &selection);
    }
    let wants = |name: &str| {
        head.header(name)
            .is_some_and(|value| value.contains("gzip"))
    };
    let mut response = if wants("accept-encoding") && wants("user-agent") {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let packed = encoder
            .write_all(value.to_string().as_bytes())
            .and_then(|()| encoder.finish());
        match packed {
            Ok(bytes) => {
                let mut response = json_answer(200, &Value::Null);
                *response.body_mut() = Body::from(bytes);
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
            Err(_) => json_answer(200, &value),
        }
    } else {
        json_answer(200, &value)
    };
    if !etag.is_empty() {
        response = with_header(response, "etag", &format!("\"{etag}\""));
    }
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{parse, prune};

    #[test]
    fn a_selection_keeps_what_it_names_and_nothing_else() {
        let value = json!({"kind": "k", "nextPageToken": "t", "items": [{"id": "1", "statistics": {"viewCount": "5", "likeCount": "1"}, "snippet": {"title": "x", "tags": []}}]});
        let chosen = parse("items(id,statistics/viewCount,snippet(title)),nextPageToken")
            .map(|s| prune(value, &s));
        assert_eq!(
            chosen,
            Some(
                json!({"nextPageToken": "t", "items": [{"id": "1", "statistics": {"viewCount": "5"}, "snippet": {"title": "x"}}]})
            )
        );
    }

    #[test]
    fn a_bad_selection_is_no_selection() {
        for text in ["", "items(", "items)", "a,,b", "a/"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
