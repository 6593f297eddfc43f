//! Addresses: unknown ones, slashes at the end, fixed paths beside ids.

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
        (Method::DELETE, "/api/channels/callback", "GET, HEAD"),
        (Method::PATCH, "/api/schedule/slots", "GET, HEAD"),
        (Method::PATCH, "/api/schedule/calendar", "POST, DELETE"),
        (Method::PATCH, "/api/schedule/calendar/x.ics", "GET, HEAD"),
        (Method::GET, "/api/video/render", "POST"),
        (Method::DELETE, "/api/video/estimate", "POST"),
        (Method::PATCH, "/api/me/export", "GET, HEAD"),
    ] {
        let answer = Answer::of(stack.anonymous().request(method, path)).await;
        assert_problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
        let preflight = Answer::of(stack.anonymous().request(Method::OPTIONS, path)).await;
        assert_eq!(preflight.status(204).header("allow"), Some(allow), "{path}");
    }
}
