//! What holds for every route: the document, unknown addresses, wrong methods, bad tokens, bad bodies.

use reqwest::Method;

use crate::support::{Answer, Stack, assert_problem};

#[tokio::test]
async fn an_unknown_address_is_the_platforms_own_404() {
    let stack = Stack::from_env();
    for path in [
        "/api/nothing",
        "/api/channels/",
        "/api",
        "/nothing",
        "/Cargo.toml",
        "/../Cargo.toml",
    ] {
        let answer = stack.anonymous().get(path).await.status(404);
        assert_eq!(answer.header("x-vercel-error"), Some("NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let stack = Stack::from_env();
    let answer = Answer::of(stack.anonymous().request(Method::PUT, "/api/health")).await;
    assert_problem(&answer, 405, "method_not_allowed");
    assert!(
        answer
            .header("allow")
            .is_some_and(|allow| allow.contains("GET")),
        "{answer}"
    );
}

#[tokio::test]
async fn the_dispatcher_takes_nothing_but_its_secret() {
    let stack = Stack::from_env();
    for token in [
        None,
        Some("wrong"),
        Some(stack.secret_key.as_str()),
        Some("Bearer undefined"),
    ] {
        let answer = stack
            .api(token)
            .post("/api/cron/dispatch", &serde_json::json!({}))
            .await;
        assert_eq!(answer.status, 401, "{token:?}: {answer}");
    }
    stack.dispatch().await;
}

#[tokio::test]
async fn the_openapi_document_is_served() {
    let stack = Stack::from_env();
    let answer = stack.anonymous().get("/api/openapi.json").await.status(200);
    assert!(answer.text("/openapi").starts_with("3.1"));
    assert!(answer.json["paths"].get("/api/health").is_some());
}
