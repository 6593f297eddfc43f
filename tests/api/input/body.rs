//! Bodies: members, syntax, media type and size.

use serde_json::{Value, json};

use super::{Case, TAKE_ANYTHING, cases};
use crate::support::{assert_problem, assert_problem_at};

const JSON: &str = "application/json";

impl Case {
    /// The well-formed body with another value of a member.
    fn changed(&self, name: &str, value: &Value) -> Vec<u8> {
        let mut body = self.row.body.clone().expect("a body");
        body[name] = value.clone();
        serde_json::to_vec(&body).expect("JSON")
    }
}

async fn cases_with_a_body() -> Vec<Case> {
    let mut cases = cases().await;
    cases.retain(Case::takes_body);
    assert!(cases.len() > 10, "the document names bodies");
    cases
}

#[tokio::test]
async fn an_unknown_member_is_named() {
    for case in cases_with_a_body().await {
        let unknown = case.raw(JSON, case.changed("nothing", &json!(1))).await;
        assert_problem_at(&unknown, 422, "invalid_body", "/nothing");
    }
}

#[tokio::test]
async fn a_member_of_the_wrong_type_is_named() {
    for case in cases_with_a_body().await {
        let id = case.row.id;
        let (member, value) = case
            .row
            .wrong
            .clone()
            .unwrap_or_else(|| panic!("{id} takes a body"));
        let wrong = case.raw(JSON, case.changed(member, &value)).await;
        assert_problem(&wrong, 422, "invalid_body");
        let pointer = wrong.text("/errors/0/pointer");
        assert!(pointer.starts_with(&format!("/{member}")), "{id}: {wrong}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    for case in cases_with_a_body().await {
        for value in [json!([]), json!("text"), json!(1), json!(true), Value::Null] {
            let bytes = serde_json::to_vec(&value).expect("JSON");
            let refused = case.raw(JSON, bytes).await;
            assert_problem_at(&refused, 422, "invalid_body", "");
        }
    }
}

#[tokio::test]
async fn a_character_that_no_text_may_hold_is_refused() {
    for case in cases_with_a_body().await {
        let nul = case.changed("notes", &json!("a\0b"));
        let refused = case.raw(JSON, nul).await;
        assert_problem(&refused, 422, "invalid_body");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    for case in cases_with_a_body().await {
        let sound = case.bytes();
        let cut = sound[..sound.len() - 1].to_vec();
        let twice = [sound.as_slice(), b"{}"].concat();
        let marked = [b"\xef\xbb\xbf", sound.as_slice()].concat();
        let latin = [sound.as_slice(), b"\xff"].concat();
        for broken in [
            b"".to_vec(),
            b"{".to_vec(),
            b"{'a': 1}".to_vec(),
            b"{\"\\ud800\": 1}".to_vec(),
            b"{\"\xff\xfe\": 1}".to_vec(),
            b"honey".to_vec(),
            cut,
            twice,
            marked,
            latin,
        ] {
            let refused = case.raw(JSON, broken).await;
            assert_problem(&refused, 400, "invalid_json");
        }
        let deep = case.raw(JSON, "[".repeat(20_000).into_bytes()).await;
        let id = case.row.id;
        assert!([400, 422].contains(&deep.status), "{id}: {deep}");
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused() {
    for case in cases_with_a_body().await {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
        ] {
            let refused = case.raw(content_type, case.bytes()).await;
            assert_problem(&refused, 415, "unsupported_media_type");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    for case in cases_with_a_body().await {
        let mut padded = case.bytes();
        padded.resize(300 * 1024, b' ');
        let refused = case.raw(JSON, padded).await;
        assert_problem(&refused, 413, "body_too_large");
    }
}

#[tokio::test]
async fn an_operation_without_a_body_takes_none() {
    for case in cases().await {
        if case.takes_body() || TAKE_ANYTHING.contains(&case.row.id) {
            continue;
        }
        let answer = case.raw("application/json", br#"{"a": 1}"#.to_vec()).await;
        assert_problem(&answer, 422, "invalid_body");
        let large = case.raw("application/json", vec![b' '; 8 * 1024]).await;
        assert_problem(&large, 413, "body_too_large");
    }
}
