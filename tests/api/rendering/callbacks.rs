//! The render service's callbacks: a hint to look, and never a result.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, OVER, Script, SeededChannel, assert_problem};

/// A render at work, with its script.
async fn running(seeded: &SeededChannel) -> (Answer, Script) {
    let script = seeded.seeded_script_with(json!({ "outcome": "stuck", "webhook": "never" }));
    let script = script.await;
    let render = seeded.render_until(&script, &["rendering"]).await;
    (render, script)
}

#[tokio::test]
async fn case_g06_a_callback_with_another_address_or_job_is_not_found() {
    let seeded = SeededChannel::new().await;
    let (render, script) = running(&seeded).await;
    let id = render.id();
    let callback = script.callback().await;
    let anonymous = seeded.stack.anonymous();
    let pid = script.charged().await[0]["pid"].clone();
    let token = callback.rsplit('=').next().expect("a token");
    for query in [
        String::new(),
        format!("?render={id}"),
        format!("?token={token}"),
        format!("?render={}&token={token}", Uuid::new_v4()),
        format!("?render={id}&token={}", "0".repeat(64)),
        format!("?render={id}&token={}", token.to_uppercase()),
        format!("?render={id}&token="),
        format!("?render=%27%20or%201=1&token={token}"),
        format!("?render={id}&token={}", "x".repeat(5000)),
    ] {
        let body = json!({ "pid": pid, "status": "ready" });
        let path = format!("/api/webhooks/revid{query}");
        let answer = anonymous.post(&path, &body).await;
        assert_problem(&answer, 404, "not_found");
    }
    let foreign = json!({ "pid": "AAAAAAAAAAAAAAAAAAAA" });
    let answer = anonymous.post(&callback, &foreign).await;
    assert_problem(&answer, 404, "not_found");
}

#[tokio::test]
async fn a_callback_that_is_too_large_or_no_post_is_refused() {
    let seeded = SeededChannel::new().await;
    let (_, script) = running(&seeded).await;
    let callback = script.callback().await;
    let anonymous = seeded.stack.anonymous();
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(70_000));
    let refused = anonymous
        .post_raw(&callback, "application/json", huge)
        .await;
    assert_problem(&refused, 413, "body_too_large");
    let refused = anonymous.get(&callback).await;
    assert_problem(&refused, 405, "method_not_allowed");
}

#[tokio::test]
async fn case_g06_what_a_callback_claims_is_not_believed() {
    let seeded = SeededChannel::new().await;
    let (render, script) = running(&seeded).await;
    let callback = script.callback().await;
    let anonymous = seeded.stack.anonymous();
    let pid = script.charged().await[0]["pid"].clone();
    for body in [
        format!(
            "{{\"pid\":{pid},\"status\":\"ready\",\"videoUrl\":\"http://169.254.169.254/latest/meta-data/\"}}"
        ),
        format!("{{\"pid\":{pid},\"status\":\"failed\",\"error\":\"nsfw content detected\"}}"),
        "{}".to_owned(),
        "status=ready&done=true".to_owned(),
        String::new(),
        "[[[[".to_owned(),
    ] {
        let taken = anonymous.post_raw(&callback, "text/plain", body).await;
        taken.status(200);
        let more = format!("{callback}&utm=1");
        let bytes = vec![0xff, 0x00];
        let taken = anonymous.post_raw(&more, "application/json", bytes).await;
        taken.status(200);
    }
    seeded.stack.run_step("render.advance", &render.id()).await;
    let path = format!("/api/video/{}", render.id());
    let still = seeded.user.api.get(&path).await;
    assert_eq!(still.json["state"], "rendering", "{still}");
    assert_eq!(script.charged().await.len(), 1);
}

#[tokio::test]
async fn case_g06_callbacks_of_every_kind_leave_the_result_alone() {
    let seeded = SeededChannel::new().await;
    let mut renders = Vec::new();
    for kind in [
        "twice",
        "foreign_pid",
        "evil_url",
        "empty",
        "not_json",
        "huge",
        "failed",
    ] {
        let script = seeded
            .seeded_script_with(json!({ "webhook": kind, "ready_after_real_ms": 1500 }))
            .await;
        renders.push((
            kind,
            seeded.request_render(&script).await.status(202).id(),
            script,
        ));
    }
    for (kind, id, script) in renders {
        let ready = seeded.follow_render(&id, OVER).await;
        assert_eq!(ready.json["state"], "ready", "{kind}: {ready}");
        assert_eq!(script.charged().await.len(), 1, "{kind}");
        // Replayed after the end: taken, without effect.
        let callback = script.callback().await;
        seeded
            .stack
            .anonymous()
            .post(&callback, &json!({ "status": "failed" }))
            .await
            .status(200);
        let after = seeded.user.api.get(&format!("/api/video/{id}")).await;
        for field in ["state", "cost", "error", "version"] {
            assert_eq!(after.json[field], ready.json[field], "{kind}: {after}");
        }
    }
}
