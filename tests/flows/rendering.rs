//! What happens to a render in the course of time.

use std::time::Duration;

use serde_json::json;

use crate::{
    studio::Studio,
    support::{StandIn, assert_problem},
};

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

#[tokio::test]
async fn a_stuck_job_times_out_and_stays_counted() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(json!({ "outcome": "stuck", "webhook": "never" }))
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    studio.stack.advance(minutes(21)).await;
    let stuck = studio.follow(&running.id(), &["timed_out_unknown"]).await;
    assert_eq!(stuck.json["error"]["code"], "timed_out_unknown");
    assert_eq!(stuck.json["cost"]["basis"], "estimated");
    assert_problem(&studio.ask(&script).await, 409, "render_in_progress");

    // Looked at once more, late, and then left to a person.
    studio.stack.advance(minutes(61)).await;
    studio.stack.dispatch().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let step = studio.stack.sql(&format!(
        "select state from private.steps where subject_id = '{}'",
        running.id()
    ));
    assert_eq!(step, "done");
    let path = format!("/api/video/{}", running.id());
    assert_eq!(
        studio.user.api.get(&path).await.json["state"],
        "timed_out_unknown"
    );
    let cancelled = studio.user.api.delete(&path).await.status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
    assert_eq!(studio.counted(), 1);
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn a_job_that_ends_after_the_time_out_is_still_delivered() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(
            json!({ "polls_per_state": 0, "ready_after_seconds": 3000, "webhook": "never" }),
        )
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    studio.stack.advance(minutes(21)).await;
    studio.follow(&running.id(), &["timed_out_unknown"]).await;
    studio.stack.advance(minutes(61)).await;
    let ready = studio
        .follow(&running.id(), &["ready", "failed", "cancelled"])
        .await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(ready.json["cost"]["credits_used"], 10);
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn a_callback_ends_a_timed_out_render() {
    let studio = Studio::open().await;
    let script = studio
        .script_with(
            json!({ "polls_per_state": 0, "ready_after_seconds": 1500, "webhook": "never" }),
        )
        .await;
    let running = studio.render_until(&script, &["rendering"]).await;
    studio.stack.advance(minutes(21)).await;
    studio.follow(&running.id(), &["timed_out_unknown"]).await;
    studio.stack.advance(minutes(5)).await;
    let callback = script.callback().await;
    studio
        .stack
        .anonymous()
        .post(&callback, &json!({}))
        .await
        .status(200);
    let ready = studio.follow(&running.id(), &["ready"]).await;
    assert_eq!(ready.json["error"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_submit_that_never_arrived_is_given_back() {
    let studio = Studio::open().await;
    let script = studio.script();
    StandIn::Revid
        .fault(&json!({ "operation": "render.submit", "body_contains": script.mark, "when": "before", "cut": true }))
        .await;
    let unknown = studio.render_until(&script, &["submit_unknown"]).await;
    studio.stack.advance(Duration::from_secs(90)).await;
    let failed = studio.follow(&unknown.id(), &["failed", "ready"]).await;
    assert_eq!(failed.json["error"]["code"], "submit_lost", "{failed}");
    assert_eq!(failed.json["cost"]["basis"], "none");
    assert_eq!(studio.counted(), 0);
    assert!(script.charged().await.is_empty());
    // A person asks again, and gets a video.
    let ready = studio.render_until(&script, &["ready", "failed"]).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(script.charged().await.len(), 1);
}
