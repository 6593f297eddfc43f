//! What holds for every route: the document, unknown addresses, wrong methods, bad tokens, bad bodies.

use reqwest::Method;

use crate::support::{Answer, Stack, assert_problem};

#[tokio::test]
async fn an_unknown_address_is_the_platforms_own_404() {
    let stack = Stack::from_env();
    for path in ["/api", "/nothing", "/Cargo.toml", "/../Cargo.toml"] {
        let answer = stack.anonymous().get(path).await.status(404);
        assert_eq!(answer.header("x-vercel-error"), Some("NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_address_below_api_is_a_problem_like_any_other() {
    let stack = Stack::from_env();
    for path in [
        "/api/",
        "/api/nothing",
        "/api/channelsx",
        "/api/channels/a/b/c",
        "/api/schedule/a/b",
        "/api/cron",
        "/api/health/nothing",
        "/api/config/nothing",
        "/api/openapi.json/nothing",
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let answer = Answer::of(stack.anonymous().request(method, path)).await;
            assert_problem(&answer, 404, "not_found");
            assert_eq!(answer.header("x-vercel-error"), None, "{path}");
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_changes_nothing() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    for path in ["/api/health/", "/api/health/live/", "/api/config/"] {
        stack.anonymous().get(path).await.status(200);
    }
    for path in ["/api/channels/", "/api/me/"] {
        assert_problem(&stack.anonymous().get(path).await, 401, "token_missing");
        user.api.get(path).await.status(200);
    }
}

#[tokio::test]
async fn a_fixed_path_is_no_id() {
    let stack = Stack::from_env();
    for (method, path, allow) in [
        (Method::GET, "/api/channels/connect", "POST"),
        (Method::DELETE, "/api/channels/callback", "GET"),
        (Method::PATCH, "/api/schedule/slots", "GET"),
        (Method::PATCH, "/api/schedule/calendar", "GET, POST, DELETE"),
        (Method::GET, "/api/video/render", "POST"),
        (Method::DELETE, "/api/video/estimate", "POST"),
        (Method::PATCH, "/api/me/export", "GET"),
    ] {
        let answer = Answer::of(stack.anonymous().request(method, path)).await;
        assert_problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
        let preflight = Answer::of(stack.anonymous().request(Method::OPTIONS, path)).await;
        assert_eq!(preflight.status(204).header("allow"), Some(allow), "{path}");
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
