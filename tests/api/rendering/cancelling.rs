//! Renders that their user no longer wants.

use serde_json::json;

use crate::support::{OVER, SeededChannel, assert_problem};

#[tokio::test]
async fn cancelled_before_it_was_sent_costs_nothing() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    script
        .fault(json!({
            "operation": "render.submit", "when": "before", "status": 429, "times": 0, "headers": { "retry-after": "300" },
        }))
        .await;
    let asked = seeded.request_render(&script).await.status(202);
    let path = format!("/api/video/{}", asked.id());
    let reason = format!(
        "select reason from private.steps where subject_id = '{}'",
        asked.id()
    );
    seeded
        .stack
        .until_sql("a refused submit", &reason, "provider_asks_to_wait")
        .await;
    assert_eq!(seeded.user.api.get(&path).await.json["state"], "requested");
    assert_eq!(seeded.usage("renders"), 1);

    let cancelled = seeded.user.api.cancel(&path).await;
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(cancelled.json["error"]["code"], "cancelled");
    assert_eq!(cancelled.json["cost"]["basis"], "none");
    assert_eq!(seeded.usage("renders"), 0);
    let again = seeded.user.api.cancel(&path).await;
    assert_eq!(again.json, cancelled.json);
    assert!(script.charged().await.is_empty());
}

#[tokio::test]
async fn cancelled_after_it_was_sent_is_ignored_and_paid() {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({ "outcome": "stuck", "webhook": "never" }))
        .await;
    let running = seeded.render_until(&script, &["rendering"]).await;
    let path = format!("/api/video/{}", running.id());
    let cancelled = seeded.user.api.cancel(&path).await;
    assert_eq!(cancelled.json["error"]["code"], "cancelled_after_submit");
    assert_eq!(cancelled.json["cost"]["basis"], "estimated");
    assert_eq!(seeded.usage("renders"), 1);
    // Its callback is taken and changes nothing.
    let callback = script.callback().await;
    seeded
        .stack
        .anonymous()
        .post(&callback, &json!({ "status": "ready" }))
        .await
        .status(200);
    seeded.stack.dispatch().await;
    assert_eq!(seeded.user.api.get(&path).await.json["state"], "cancelled");
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let seeded = SeededChannel::new().await;
    let ready = seeded.render_until(&seeded.seeded_script(), OVER).await;
    let answer = seeded
        .user
        .api
        .delete(&format!("/api/video/{}", ready.id()))
        .await;
    assert_problem(&answer, 409, "invalid_state");
}
