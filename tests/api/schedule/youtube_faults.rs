//! What goes wrong at YouTube.

use serde_json::json;

use crate::support::{Publisher, StandIn};

#[tokio::test]
async fn case_y07_a_lost_answer_to_the_last_byte_makes_no_second_video() {
    for answer in [
        json!({ "cut": true }),
        json!({ "status": 503 }),
        // "Go on", although nothing is left to send.
        json!({ "status": 308, "body": "", "headers": { "range": "bytes=0-899999" } }),
    ] {
        let publisher = Publisher::new().await;
        let rendered = publisher.render(900_000).await;
        let mut fault = answer.clone();
        fault["operation"] = json!("upload.final");
        fault["when"] = json!("after");
        publisher.fault(fault).await;
        let upload = publisher.schedule(rendered.render, 72).await;
        publisher.reach(&upload.id(), "on_youtube").await;
        publisher.only_video().await;
        assert_eq!(
            publisher.world().await["sessions"].as_array().map(Vec::len),
            Some(1),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn case_y07_a_session_forgotten_after_the_last_byte_is_reconciled_with_the_channel() {
    let publisher = Publisher::new().await;
    publisher
        .knobs(json!({ "forget_completed_sessions": true }))
        .await;
    let rendered = publisher.render(900_000).await;
    publisher
        .fault(json!({ "operation": "upload.final", "when": "after", "cut": true }))
        .await;
    let upload = publisher.schedule(rendered.render, 72).await;
    let there = publisher.reach(&upload.id(), "on_youtube").await;
    assert_eq!(
        there.json["youtube_video_id"],
        publisher.only_video().await["id"]
    );
}

#[tokio::test]
async fn an_upload_goes_on_at_its_byte_after_faults_that_pass() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(17 * 1024 * 1024).await;
    for fault in [
        json!({ "operation": "upload.start", "status": 503 }),
        json!({ "operation": "upload.chunk", "nth": 1, "after_bytes": 3_000_000, "cut": true }),
        json!({ "operation": "upload.chunk", "nth": 3, "status": 502 }),
        json!({ "operation": "upload.status", "nth": 2, "status": 500 }),
        json!({ "operation": "upload.chunk", "nth": 4, "status": 401 }),
        json!({ "operation": "videos.list", "status": 503 }),
    ] {
        publisher.fault(fault).await;
    }
    let upload = publisher.schedule(rendered.render, 72).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    assert_eq!(publisher.only_video().await["sha256"], rendered.sha256);
}

#[tokio::test]
async fn case_y08_a_revoked_grant_is_named_and_a_new_consent_goes_on() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(72).await;
    publisher.account.revoke().await;
    let path = format!("/api/schedule/{}", there.id());
    let at = publisher.hours(90).await;
    let moved = json!({ "publish_at": at });
    let answer = publisher.user.api.patch(&path, &moved).await;
    // A look at the video may have found it out before the move did.
    let was_known = answer.status == 409;
    if !was_known {
        answer.status(200);
    }
    let stopped = publisher.follow(&there.id(), &["needs_attention"]).await;
    assert_eq!(stopped.json["reason"], "grant_revoked");
    assert!(
        stopped
            .text("/next_action")
            .contains("Connect the channel again")
    );
    publisher.user.connect(publisher.account.clone()).await;
    if was_known {
        publisher.user.api.patch(&path, &moved).await.status(200);
    }
    publisher.follow(&there.id(), &["on_youtube"]).await;
    assert_eq!(publisher.only_video().await["publish_at"], at.to_string());
}

#[tokio::test]
async fn case_y08_a_grant_that_died_is_told_long_before_the_slot() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(600_000).await;
    publisher.account.revoke().await;
    publisher.stack.sql(&format!(
        "update private.channel_credentials set access_token_expires_at = private.now() where channel_id = '{}'",
        publisher.account.channel()
    ));
    let upload = publisher.schedule(rendered.render, 72).await;
    let told = publisher.reach(&upload.id(), "needs_attention").await;
    assert_eq!(told.json["reason"], "grant_revoked", "{told}");
    assert!(told.text("/next_action").contains("Connect the channel"));
    // Nobody asks Google again until somebody has consented.
    let asked = publisher.account.refreshes().await;
    let step = publisher.stack.sql(&format!(
        "select state from private.steps where kind = 'upload.advance' and subject_id = '{}'",
        upload.id()
    ));
    assert_ne!(step, "waiting");
    publisher.stack.dispatch().await;
    assert_eq!(publisher.account.refreshes().await, asked);
}

#[tokio::test]
async fn the_channels_own_limit_is_waited_for() {
    let publisher = Publisher::new().await;
    publisher.knobs(json!({ "channel_upload_limit": 0 })).await;
    let (_, upload) = publisher.render_and_schedule(600_000, 72).await;
    let waiting = publisher
        .follow_field(&upload.id(), "/reason", &["channel_upload_limit"])
        .await;
    assert_eq!(waiting.json["state"], "scheduled");
    let next: jiff::Timestamp = waiting.text("/next_attempt_at").parse().expect("a time");
    let hours = next.duration_since(publisher.stack.now().await).as_hours();
    assert!((23..=24).contains(&hours), "{waiting}");
    let attempts = publisher.stack.sql(&format!(
        "select attempts from private.steps where kind = 'upload.advance' and subject_id = '{}'",
        upload.id()
    ));
    assert_eq!(attempts, "0", "waiting is no attempt");
    // Moving it is no reason to ask YouTube before that.
    let starts = async || {
        publisher
            .account
            .calls(StandIn::Youtube, "upload.start")
            .await
            .len()
    };
    let before = starts().await;
    publisher.move_to(&upload, publisher.hours(80).await).await;
    publisher
        .stack
        .run_step("upload.advance", &upload.id())
        .await;
    assert_eq!(starts().await, before);
}

#[tokio::test]
async fn five_refused_starts_a_day_are_a_channels_own() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(600_000).await;
    publisher
        .fault(json!({
            "operation": "upload.start", "status": 400, "times": 0,
            "body": { "error": { "code": 400, "errors": [{ "domain": "youtube.video", "reason": "invalidTitle" }] } },
        }))
        .await;
    let upload = publisher.schedule(rendered.render, 72).await;
    let path = format!("/api/schedule/{}", upload.id());
    for _ in 0..5 {
        publisher.reach(&upload.id(), "needs_attention").await;
        publisher
            .user
            .api
            .patch(&path, &json!({ "resume": true }))
            .await
            .status(200);
    }
    let waiting = publisher
        .follow_field(
            &upload.id(),
            "/reason",
            &["too_many_failed_starts", "metadata_rejected"],
        )
        .await;
    assert_eq!(
        waiting.json["reason"], "too_many_failed_starts",
        "{waiting}"
    );
    assert!(waiting.json["next_attempt_at"].is_string());
    let starts = publisher
        .account
        .calls(StandIn::Youtube, "upload.start")
        .await;
    assert_eq!(starts.len(), 5);
}

#[tokio::test]
async fn refused_metadata_is_for_the_user_to_change() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(600_000).await;
    publisher
        .fault(json!({
            "operation": "upload.start", "status": 400,
            "body": { "error": { "code": 400, "errors": [{ "domain": "youtube.video", "reason": "invalidTitle" }] } },
        }))
        .await;
    let upload = publisher.schedule(rendered.render, 72).await;
    let stopped = publisher.reach(&upload.id(), "needs_attention").await;
    assert_eq!(
        (&stopped.json["reason"], &stopped.json["last_error"]["code"]),
        (&json!("metadata_rejected"), &json!("invalidTitle"))
    );
    let path = format!("/api/schedule/{}", upload.id());
    publisher
        .user
        .api
        .patch(&path, &json!({ "title": "A better title", "resume": true }))
        .await
        .status(200);
    publisher.follow(&upload.id(), &["on_youtube"]).await;
    assert_eq!(publisher.only_video().await["title"], "A better title");
}

#[tokio::test]
async fn case_y03_tags_that_youtube_refuses_are_for_the_user_to_change() {
    let publisher = Publisher::new().await;
    let rendered = publisher.render(600_000).await;
    let message = "The request metadata specifies invalid video keywords.";
    let error = json!({ "message": message, "domain": "youtube.video", "reason": "invalidTags",
        "location": "body.snippet.tags", "locationType": "other" });
    publisher
        .fault(json!({
            "operation": "upload.start", "status": 400, "times": 0,
            "body": { "error": { "code": 400, "message": message, "errors": [error] } },
        }))
        .await;
    let upload = publisher.schedule(rendered.render, 72).await;
    let stopped = publisher.reach(&upload.id(), "needs_attention").await;
    assert_eq!(
        (&stopped.json["reason"], &stopped.json["last_error"]["code"]),
        (&json!("metadata_rejected"), &json!("invalidTags"))
    );
    publisher.stack.dispatch().await;
    let starts = publisher.account.calls(StandIn::Youtube, "upload.start");
    assert_eq!(starts.await.len(), 1, "it is not tried again");
}

#[tokio::test]
async fn a_video_that_youtube_rejects_has_failed_with_youtubes_reason() {
    for (outcome, reason, code) in [
        ("failed:codec", "processing_failed", "codec"),
        ("rejected:duplicate", "rejected_by_youtube", "duplicate"),
    ] {
        let publisher = Publisher::new().await;
        publisher
            .knobs(json!({ "processing_outcome": outcome, "processing_polls": 0 }))
            .await;
        let (_, upload) = publisher.render_and_schedule(600_000, 72).await;
        let failed = publisher.reach(&upload.id(), "failed").await;
        assert_eq!(
            (&failed.json["reason"], &failed.json["last_error"]["code"]),
            (&json!(reason), &json!(code)),
            "{failed}"
        );
        assert!(failed.text("/next_action").ends_with('.'));
    }
}
