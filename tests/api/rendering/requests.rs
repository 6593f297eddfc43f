//! What may be rendered, and that it is rendered once.

use serde_json::json;

use crate::support::{OVER, SeededChannel, assert_problem, assert_problem_at};

#[tokio::test]
async fn one_key_is_one_render() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    let body = json!({ "content_id": script.id });
    let first = seeded
        .user
        .api
        .post_once("/api/video/render", "key-1", &body)
        .await
        .status(202);
    let second = seeded
        .user
        .api
        .post_once("/api/video/render", "key-1", &body)
        .await
        .status(202);
    assert_eq!(first.id(), second.id());
    let other = json!({ "content_id": script.id, "music": false });
    let reused = seeded
        .user
        .api
        .post_once("/api/video/render", "key-1", &other)
        .await;
    assert_problem(&reused, 422, "idempotency_key_reused");
    seeded.follow_render(&first.id(), OVER).await;
    assert_eq!(script.charged().await.len(), 1);
    assert_eq!(seeded.usage("renders"), 1);
}

#[tokio::test]
async fn a_running_script_is_not_rendered_twice() {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({ "outcome": "stuck" }))
        .await;
    let running = seeded.render_until(&script, &["rendering"]).await;
    assert_problem_at(
        &seeded.request_render(&script).await,
        409,
        "render_in_progress",
        "/content_id",
    );
    let cancelled = seeded
        .user
        .api
        .cancel(&format!("/api/video/{}", running.id()))
        .await;
    assert_eq!(cancelled.json["state"], "cancelled");
    seeded.request_render(&script).await.status(202);
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_with_its_field() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    for path in ["/api/video/estimate", "/api/video/render"] {
        for (field, value) in [
            ("content_id", json!("not-a-uuid")),
            ("resolution", json!("4k")),
            ("footage", json!("veo3")),
            ("voice", json!("../x")),
            ("voice", json!("v".repeat(65))),
            ("language", json!("English")),
            ("credits", json!(1)),
        ] {
            let mut body = json!({ "content_id": script.id });
            body[field] = value;
            let answer = seeded.user.api.post(path, &body).await;
            assert_problem_at(&answer, 422, "invalid_body", &format!("/{field}"));
        }
    }
    assert_eq!(seeded.usage("renders"), 0);
}

#[tokio::test]
async fn nothing_but_a_script_is_priced_or_rendered() {
    let seeded = SeededChannel::new().await;
    let body = json!({ "content_id": seeded.seeded_content("titles", "approved").id });
    for path in ["/api/video/estimate", "/api/video/render"] {
        let refused = seeded.user.api.post(path, &body).await;
        assert_problem_at(&refused, 422, "invalid_body", "/content_id");
    }
}

#[tokio::test]
async fn a_script_that_is_not_approved_is_not_rendered() {
    let seeded = SeededChannel::new().await;
    for status in ["draft", "rejected"] {
        let script = seeded.seeded_content("script", status);
        let refused = seeded.request_render(&script).await;
        assert_problem_at(&refused, 409, "approval_required", "/content_id");
    }
    assert_eq!(seeded.usage("renders"), 0);
}

#[tokio::test]
async fn a_render_that_costs_more_than_one_may_is_refused() {
    let seeded = SeededChannel::new().await;
    let costly = seeded.seeded_script_with(json!({ "credits": 101 })).await;
    let refused = seeded.request_render(&costly).await;
    assert_problem(&refused, 422, "render_too_costly");
    assert_eq!(seeded.usage("renders"), 0);
}

#[tokio::test]
async fn the_renders_of_a_month_are_not_exceeded() {
    let seeded = SeededChannel::new().await;
    let plan = json!({ "renders_per_month": 0 });
    seeded.stack.seeded_plan(seeded.user.id, &plan);
    let refused = seeded.request_render(&seeded.seeded_script()).await;
    assert_problem(&refused, 402, "budget_exhausted");
    assert_eq!(seeded.usage("renders"), 0);
}
