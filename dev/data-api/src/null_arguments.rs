//! Null arguments of functions, as PostgREST passes them on.
//!
//! postrust carries every argument as text, and makes an empty text, or JSON's null, of a null. Between its reading of the
//! request and the database a null is therefore written as a text that Postgres knows no value for, and bound as a null.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{body::Body, extract::Request};
use http::{Method, header};
use postrust_sql::SqlParam;
use serde_json::value::RawValue;

/// The largest body of a request, in bytes.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// What stands for a null on the way. No text in Postgres holds this character.
const NULL: &str = "\0null";
/// The same as JSON, in which postrust hands on what a `json` or `jsonb` parameter takes.
const NULL_AS_JSON: &str = "\"\\u0000null\"";

/// Writes the null arguments of a function call so that they reach the database.
pub(super) async fn keep(request: Request) -> Request {
    if request.method() != Method::POST || !request.uri().path().starts_with("/rpc/") {
        return request;
    }
    let (mut head, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MAX_BODY + 1).await else {
        // Too long: postrust says so when it reads as much itself.
        return Request::from_parts(head, Body::from(vec![b' '; MAX_BODY + 1]));
    };
    match rewritten(&bytes) {
        Some(body) => {
            head.headers.remove(header::CONTENT_LENGTH);
            Request::from_parts(head, Body::from(body))
        }
        None => Request::from_parts(head, Body::from(bytes)),
    }
}

/// The body with its nulls written otherwise; none when there is none.
fn rewritten(body: &[u8]) -> Option<Vec<u8>> {
    if !body.windows(4).any(|window| window == b"null") {
        return None;
    }
    let mut arguments: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(body).ok()?;
    let mut found = false;
    let null: &RawValue = serde_json::from_str(NULL_AS_JSON).ok()?;
    for value in arguments.values_mut().filter(|value| value.get() == "null") {
        *value = null;
        found = true;
    }
    found.then(|| serde_json::to_vec(&arguments).ok()).flatten()
}

/// Parameters with the nulls that they stand for.
pub(super) fn bound(parameters: &[SqlParam]) -> Cow<'_, [SqlParam]> {
    let is_null = |text: &str| text == NULL || text == NULL_AS_JSON;
    let stands_for_null = |one: &SqlParam| matches!(one, SqlParam::Text(text) if is_null(text));
    if !parameters.iter().any(stands_for_null) {
        return Cow::Borrowed(parameters);
    }
    let bound = parameters.iter().map(|one| match one {
        one if stands_for_null(one) => SqlParam::Null,
        one => one.clone(),
    });
    bound.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arguments_themselves_are_rewritten() {
        let rewritten =
            |body: &str| rewritten(body.as_bytes()).map(|body| String::from_utf8(body).unwrap());
        assert_eq!(
            rewritten(r#"{"p_b": null, "p_a": {"x": null}, "p_n": 1.10}"#).as_deref(),
            Some(r#"{"p_a":{"x": null},"p_b":"\u0000null","p_n":1.10}"#)
        );
        assert_eq!(rewritten(r#"{"p_a": {"x": null}}"#), None);
        assert_eq!(rewritten(r#"{"p_a": "null"}"#), None);
        assert_eq!(rewritten(r#"[{"p_a": null}]"#), None);
        assert_eq!(rewritten("null"), None);
    }

    #[test]
    fn both_writings_are_bound_as_null() {
        let parameters =
            [NULL, NULL_AS_JSON, "null", ""].map(|text| SqlParam::Text(text.to_owned()));
        assert_eq!(serde_json::from_str::<String>(NULL_AS_JSON).unwrap(), NULL);
        let bound = bound(&parameters);
        assert!(matches!(bound[0], SqlParam::Null) && matches!(bound[1], SqlParam::Null));
        assert!(matches!(&bound[2], SqlParam::Text(text) if text == "null"));
        assert!(matches!(&bound[3], SqlParam::Text(text) if text.is_empty()));
    }
}
