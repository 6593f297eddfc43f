//! Tokens and headers.

use serde_json::json;

use super::cases;
use crate::support::{Answer, assert_problem};

#[tokio::test]
async fn no_operation_is_open_without_a_token() {
    for case in cases().await {
        if case.who.is_none() {
            continue;
        }
        let request = || {
            let api = case.stack.anonymous();
            api.request(case.method.clone(), &case.address(""))
        };
        let none = Answer::of(request()).await;
        assert_problem(&none, 401, "token_missing");
        assert_eq!(
            none.header("www-authenticate"),
            Some("Bearer"),
            "{}",
            case.row.id
        );
        let bad = Answer::of(request().bearer_auth("abc.def.ghi")).await;
        assert_problem(&bad, 401, "token_invalid");
    }
}

#[tokio::test]
async fn headers_that_are_wrong_are_named() {
    for case in cases().await {
        let address = case.address("");
        if case.parameter("Idempotency-Key").is_some() {
            let long = "k".repeat(256);
            for key in ["", "a\tb", long.as_str(), "schl\u{fc}ssel"] {
                let request = case.request(&address).await.header("idempotency-key", key);
                let body = case.row.body.clone().unwrap_or_else(|| json!({}));
                let answer = Answer::of(request.json(&body)).await;
                assert_problem(&answer, 400, "invalid_header");
            }
        }
        if case.parameter("If-Match").is_some() {
            for (tag, status, code) in [
                ("v1", 400, "invalid_header"),
                ("\"v1", 400, "invalid_header"),
                ("\"\u{fc}\"", 400, "invalid_header"),
                ("\"abc\"", 412, "version_mismatch"),
                ("\"v99999999999999999999999\"", 412, "version_mismatch"),
            ] {
                let request = case.request(&address).await.header("if-match", tag);
                let request = match &case.row.body {
                    Some(body) => request.json(body),
                    None => request,
                };
                assert_problem(&Answer::of(request).await, status, code);
            }
        }
    }
}
