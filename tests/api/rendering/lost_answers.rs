//! Submits whose answer was lost: found again, and never sent twice.

use serde_json::json;

use crate::support::{OVER, SeededChannel, StandIn, assert_problem};

#[tokio::test]
async fn a_lost_answer_is_found_in_the_listing_and_paid_once() {
    let seeded = SeededChannel::new().await;
    for mut fault in [
        json!({ "cut": true }),
        json!({ "status": 502, "body": "<html>bad gateway</html>" }),
        json!({ "status": 200, "body": { "success": 1 } }),
    ] {
        let script = seeded.seeded_script_with(json!({ "webhook": "never" }));
        let script = script.await;
        fault["operation"] = json!("render.submit");
        fault["when"] = json!("after");
        script.fault(fault.clone()).await;
        let ready = seeded.render_until(&script, OVER).await;
        assert_eq!(ready.json["state"], "ready", "{fault}: {ready}");
        assert_eq!(ready.json["found_by"], "listing", "{fault}");
        assert_eq!(script.charged().await.len(), 1, "{fault}");
    }
    assert_eq!(seeded.usage("renders"), 3);
}

#[tokio::test]
async fn a_lost_answer_whose_callback_came_first_is_paid_once() {
    let seeded = SeededChannel::new().await;
    let script = seeded
        .seeded_script_with(json!({ "webhook": "before_answer" }))
        .await;
    script
        .fault(json!({ "operation": "render.submit", "when": "after", "cut": true }))
        .await;
    let ready = seeded.render_until(&script, OVER).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_blocks_until_a_person_decides() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    // The connection is cut before the service has seen anything: from here that looks just the same.
    let submits = script
        .fault(json!({ "operation": "render.submit", "when": "before", "cut": true, "times": 0 }))
        .await;
    let unknown = seeded.render_until(&script, &["submit_unknown"]).await;
    assert_eq!(unknown.json["error"]["code"], "submit_unknown");
    assert_eq!(unknown.json["cost"]["basis"], "estimated");
    let again = seeded.request_render(&script).await;
    assert_problem(&again, 409, "render_in_progress");
    for _ in 0..3 {
        seeded.stack.run_step("render.advance", &unknown.id()).await;
    }
    assert_eq!(StandIn::Revid.hits(submits).await, 1, "one submit was sent");
    assert!(script.charged().await.is_empty());
    let path = format!("/api/video/{}", unknown.id());
    let cancelled = seeded.user.api.delete(&path).await.status(200);
    assert_eq!(cancelled.json["state"], "cancelled");
}
