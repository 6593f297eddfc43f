//! What RevID takes and refuses, and what it charges.

use fakes::Service::Revid;
use reqwest::Method;
use serde_json::json;

use crate::{
    revid::render,
    support::{Answer, Servers, list, send, text, try_send},
};

/// Checks that it was not done.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.json()["success"], 0);
    assert_eq!(answer.json()["error"], error);
}

#[tokio::test]
async fn the_key_has_a_header_of_its_own() {
    let servers = Servers::start().await;
    let call = || servers.keyless("render").json(&render("x"));
    assert_refused(&send(call().bearer_auth("k")).await, 401, "Invalid API key");
    servers
        .knobs(Revid, json!({"auth_error_status": 200}))
        .await;
    assert_refused(&send(call()).await, 200, "Invalid API key");
}

#[tokio::test]
async fn nobody_without_a_user_agent_gets_past_the_front_door() {
    let servers = Servers::start().await;
    let url = format!("{}/api/public/v3/render", servers.urls.revid);
    let answer = send(servers.http.post(url).header("key", "k").json(&render("x"))).await;
    assert!(answer.status == 403 && answer.text.contains("error code: 1010"));
    assert!(
        answer
            .header("content-type")
            .is_some_and(|mime| mime.starts_with("text/html"))
    );
}

#[tokio::test]
async fn a_submission_is_checked() {
    let servers = Servers::start().await;
    let no_workflow = servers.submit(&json!({"source": {"text": "x"}})).await;
    assert_refused(&no_workflow, 400, "workflow is required");
    assert!(no_workflow.json()["docs"].is_object());
    let wrong_source = json!({"workflow": "script-to-video", "source": {"prompt": "x"}});
    let wrong_source = servers.submit(&wrong_source).await;
    assert_refused(
        &wrong_source,
        422,
        "source.text is required for script-to-video",
    );
    let unknown = servers
        .submit(&json!({"workflow": "make-me-rich", "source": {}}))
        .await;
    assert_refused(&unknown, 400, "unknown workflow: make-me-rich");
    assert_eq!(servers.state(Revid).await["renders_charged"], 0);
}

#[tokio::test]
async fn a_success_has_the_number_1_and_an_opaque_id() {
    let servers = Servers::start().await;
    let body = servers.submit(&render("x")).await.json();
    assert_eq!(body["success"], 1);
    let pid = text(&body["pid"]);
    assert!(pid.len() == 20 && pid.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let knobs = json!({"body_contains": "prefixed", "id_style": "prefixed"});
    servers.knobs(Revid, knobs).await;
    assert!(servers.pid(&render("prefixed")).await.starts_with("p_"));
}

#[tokio::test]
async fn the_same_body_twice_is_charged_twice() {
    let servers = Servers::start().await;
    assert_ne!(
        servers.pid(&render("x")).await,
        servers.pid(&render("x")).await
    );
    let state = servers.state(Revid).await;
    assert_eq!(
        (&state["renders_charged"], &state["credits_charged"]),
        (&json!(2), &json!(20))
    );
}

#[tokio::test]
async fn a_submission_whose_answer_is_lost_was_charged_and_is_listed() {
    let servers = Servers::start().await;
    let faults = json!([
        {"operation": "render.submit", "body_contains": "lost", "when": "after", "cut": true},
        {"operation": "render.submit", "body_contains": "muddled", "when": "after", "error": "html502"},
    ]);
    servers.fault(Revid, faults).await;
    let lost = servers.revid(Method::POST, "render").json(&render("lost"));
    assert!(try_send(lost).await.is_err());
    assert_eq!(servers.submit(&render("muddled")).await.status, 502);
    assert_eq!(servers.state(Revid).await["renders_charged"], 2);
    let body = send(servers.revid(Method::GET, "projects?limit=10"))
        .await
        .json();
    let projects = list(&body["projects"]);
    let names: Vec<&str> = projects
        .iter()
        .map(|project| text(&project["name"]))
        .collect();
    assert_eq!(names, ["muddled", "lost"]);
    assert!(projects[0]["createdAt"].is_string());
}

#[tokio::test]
async fn an_estimate_needs_no_key_and_has_two_shapes() {
    let servers = Servers::start().await;
    let estimate = async || {
        send(servers.keyless("calculate-credits").json(&render("x")))
            .await
            .json()
    };
    assert_eq!(estimate().await["creditsEstimate"], 10);
    servers
        .knobs(Revid, json!({"estimate_dialect": "credits", "estimate": 4}))
        .await;
    assert_eq!(estimate().await["credits"], 4);
    assert_eq!(servers.state(Revid).await["credits_charged"], 0);
}

#[tokio::test]
async fn an_empty_account_is_refused_in_three_ways() {
    let servers = Servers::start().await;
    servers.knobs(Revid, json!({"balance": 15})).await;
    assert_eq!(servers.submit(&render("x")).await.status, 200);
    for (way, status) in [("402", 402), ("403", 403), ("text", 200)] {
        servers.knobs(Revid, json!({"insufficient": way})).await;
        assert_refused(
            &servers.submit(&render("x")).await,
            status,
            "insufficient_credits",
        );
    }
    assert_eq!(servers.state(Revid).await["renders_charged"], 1);
}

#[tokio::test]
async fn nothing_can_be_cancelled() {
    let servers = Servers::start().await;
    let pid = servers.pid(&render("x")).await;
    let delete = servers.revid(Method::DELETE, &format!("render?pid={pid}"));
    assert_eq!(send(delete).await.status, 404);
    assert_eq!(
        send(servers.revid(Method::POST, "cancel")).await.status,
        404
    );
}

#[tokio::test]
async fn dangerous_calls_are_noted() {
    let servers = Servers::start().await;
    for name in ["buy-credit-pack", "publish-now", "add-to-queue"] {
        send(servers.revid(Method::POST, name).json(&json!({}))).await;
    }
    assert_eq!(
        list(&servers.state(Revid).await["dangerous_calls"]).len(),
        3
    );
}

#[tokio::test]
async fn renaming_redirects_to_another_host() {
    let servers = Servers::start().await;
    let request = servers
        .revid(Method::POST, "rename-project")
        .json(&json!({}));
    let answer = send(request).await;
    assert_eq!(answer.status, 307);
    assert!(
        !answer
            .header("location")
            .expect("a place")
            .starts_with(&servers.urls.revid)
    );
}
