//! Submits whose answer was lost: found again, and never sent twice.

use serde_json::{Value, json};

use crate::support::{Answer, OVER, SeededChannel, StandIn, assert_problem, assert_problem_at};

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
async fn case_g06_a_lost_answer_whose_callback_came_first_is_paid_once() {
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
    let cancelled = seeded.user.api.cancel(&path).await;
    assert_eq!(cancelled.json["state"], "cancelled");
}

/// A render that is ready and was recognised by its time alone.
async fn recognised_by_time(seeded: &SeededChannel) -> Answer {
    let script = seeded.seeded_script();
    let ready = seeded.render_until(&script, OVER).await;
    seeded.stack.sql(&format!(
        "update public.renders set found_by = 'listing_time', confirmation = 'needed' where id = '{}'",
        ready.id()
    ));
    ready
}

#[tokio::test]
async fn a_video_that_was_recognised_by_its_time_alone_is_watched_before_it_goes_anywhere() {
    let seeded = SeededChannel::new().await;
    let render = recognised_by_time(&seeded).await;
    let path = format!("/api/video/{}", render.id());
    let api = &seeded.user.api;
    assert_eq!(api.get(&path).await.json["confirmation"], "needed");
    let at = seeded.stack.now().await + jiff::SignedDuration::from_hours(72);
    let body = json!({
        "render_id": render.id(), "title": "Honey", "made_for_kids": false, "altered_content": true, "publish_at": at,
    });
    let refused = api.post("/api/schedule", &body).await;
    assert_problem_at(&refused, 409, "invalid_state", "/render_id");
    let confirmed = api
        .patch(&path, &json!({ "confirmed": true }))
        .await
        .status(200);
    assert_eq!(confirmed.json["confirmation"], "confirmed");
    let late = api.patch(&path, &json!({ "confirmed": false })).await;
    assert_problem(&late, 409, "invalid_state");
    api.post("/api/schedule", &body).await.status(201);
}

#[tokio::test]
async fn a_video_that_is_not_the_right_one_is_rejected_and_its_job_is_free_again() {
    let seeded = SeededChannel::new().await;
    let render = recognised_by_time(&seeded).await;
    let path = format!("/api/video/{}", render.id());
    let rejected = seeded
        .user
        .api
        .patch(&path, &json!({ "confirmed": false }))
        .await;
    let rejected = rejected.status(200);
    assert_eq!(rejected.json["state"], "failed");
    assert_eq!(rejected.json["error"]["code"], "not_this_video");
    assert_eq!(rejected.json["file"], Value::Null);
    let job = format!(
        "select provider_job_id is null from public.renders where id = '{}'",
        render.id()
    );
    assert_eq!(seeded.stack.sql(&job), "t");
}

#[tokio::test]
async fn an_ordinary_render_needs_no_confirmation_and_takes_none() {
    let seeded = SeededChannel::new().await;
    let ready = seeded.render_until(&seeded.seeded_script(), OVER).await;
    assert_eq!(ready.json["confirmation"], Value::Null);
    let path = format!("/api/video/{}", ready.id());
    let refused = seeded
        .user
        .api
        .patch(&path, &json!({ "confirmed": true }))
        .await;
    assert_problem(&refused, 409, "invalid_state");
    let malformed = seeded
        .user
        .api
        .patch(&path, &json!({ "confirmed": "yes" }))
        .await;
    assert_problem(&malformed, 422, "invalid_body");
    let stranger = seeded.stack.sign_up().await;
    let foreign = stranger
        .api
        .patch(&path, &json!({ "confirmed": true }))
        .await;
    assert_problem(&foreign, 404, "not_found");
}
