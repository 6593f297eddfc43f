//! Responses of the Data API: ETags, partial responses and compression.

use std::io::{self, Write as _};

use axum::{body::Body, response::Response};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value, json};

use super::errors::invalid_parameter;
use crate::{Failure, Head, empty_response, json_response, short_id, with_header};

/// Responds with JSON: with an ETag, only the wanted fields, compressed when both headers ask for it.
pub(crate) fn respond(head: &Head, value: Value) -> Result<Response, Failure> {
    let mut value = without_nulls(value);
    let mut etag = value["etag"].as_str().map(str::to_owned);
    if etag.as_deref() == Some("") {
        etag = Some(short_id(&[&value.to_string()], 27));
    }
    let quoted = etag.as_ref().map(|etag| format!("\"{etag}\""));
    if let Some(etag) = &etag {
        value["etag"] = json!(etag);
        let mut known = head.header("if-none-match").unwrap_or_default().split(',');
        if known.any(|known| known.trim().trim_matches('"') == etag) {
            let etag = quoted.unwrap_or_default();
            return Ok(with_header(empty_response(304), "etag", &etag));
        }
    }
    if let Some(fields) = head.param("fields") {
        let invalid = || invalid_parameter("fields", &format!("Invalid field selection {fields}"));
        value = Selection::parse(fields).ok_or_else(invalid)?.prune(value);
    }
    let mut response = json_response(200, &value);
    let headers =
        ["accept-encoding", "user-agent"].map(|name| head.header(name).unwrap_or_default());
    if headers.iter().all(|value| value.contains("gzip"))
        && let Ok(packed) = gzip(&value.to_string())
    {
        *response.body_mut() = Body::from(packed);
        response = with_header(response, "content-encoding", "gzip");
    }
    Ok(match quoted {
        Some(etag) => with_header(response, "etag", &etag),
        None => response,
    })
}

/// Leaves out the members that are null: YouTube sends none.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => {
            items
                .iter_mut()
                .for_each(|item| *item = without_nulls(item.take()));
        }
        Value::Object(object) => {
            object.retain(|_, member| !member.is_null());
            object
                .values_mut()
                .for_each(|member| *member = without_nulls(member.take()));
        }
        _ => {}
    }
    value
}

fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

/// A selection of fields: names, each with a selection below it (none: everything).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection(Vec<(String, Option<Selection>)>);

impl Selection {
    /// Reads `a,b/c,d(e,f/g)`.
    pub(crate) fn parse(mut text: &str) -> Option<Self> {
        let selection = list(&mut text)?;
        text.is_empty().then_some(selection)
    }

    pub(crate) fn prune(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.prune(item)).collect(),
            Value::Object(object) => self.prune_object(object),
            other => other,
        }
    }

    fn prune_object(&self, object: Map<String, Value>) -> Value {
        let keep = |(name, member): (String, Value)| {
            let chosen = self
                .0
                .iter()
                .filter(|(wanted, _)| *wanted == name || wanted == "*");
            let below: Vec<&Option<Self>> = chosen.map(|(_, below)| below).collect();
            if below.is_empty() {
                return None;
            }
            if below.contains(&&None) {
                return Some((name, member));
            }
            let all = below
                .into_iter()
                .flatten()
                .flat_map(|below| below.0.clone());
            Some((name, Self(all.collect()).prune(member)))
        };
        Value::Object(object.into_iter().filter_map(keep).collect())
    }
}

fn list(rest: &mut &str) -> Option<Selection> {
    let mut selection = Selection::default();
    loop {
        selection.0.push(entry(rest)?);
        if !take(rest, ',') {
            return Some(selection);
        }
    }
}

/// One name with what is below it.
fn entry(rest: &mut &str) -> Option<(String, Option<Selection>)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_*-".contains(c);
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    (!name.is_empty()).then_some(())?;
    *rest = after;
    let below = if take(rest, '(') {
        let below = list(rest)?;
        take(rest, ')').then_some(())?;
        Some(below)
    } else if take(rest, '/') {
        Some(Selection(vec![entry(rest)?]))
    } else {
        None
    };
    Some((name.to_owned(), below))
}

/// Takes a character off the beginning, if it is there.
fn take(rest: &mut &str, expected: char) -> bool {
    let after = rest.strip_prefix(expected);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Selection;

    #[test]
    fn a_selection_keeps_what_it_names_and_nothing_else() {
        let value = json!({"kind": "k", "nextPageToken": "t", "items": [{"id": "1", "statistics": {"viewCount": "5", "likeCount": "1"}, "snippet": {"title": "x", "tags": []}}]});
        let selection =
            Selection::parse("items(id,statistics/viewCount,snippet(title)),nextPageToken");
        let chosen = selection.map(|selection| selection.prune(value));
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
            assert_eq!(Selection::parse(text), None, "{text}");
        }
    }
}
