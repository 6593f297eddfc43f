//! What the render service refuses and what it fails at: each has a name, and is not tried again.

use serde_json::{Value, json};

use crate::support::{OVER, SeededChannel};

#[tokio::test]
async fn an_account_without_credits_charges_nothing() {
    let seeded = SeededChannel::new().await;
    for how in ["402", "403", "text"] {
        let script = seeded
            .seeded_script_with(json!({ "balance": 0, "insufficient": how }))
            .await;
        let failed = seeded.render_until(&script, OVER).await;
        assert_eq!(failed.json["state"], "failed", "{how}: {failed}");
        assert_eq!(
            failed.json["error"]["code"], "insufficient_credits",
            "{how}"
        );
        assert_eq!(failed.json["cost"]["basis"], "none", "{how}");
    }
    assert_eq!(seeded.usage("renders"), 0);
}

#[tokio::test]
async fn a_refusal_of_the_deployment_is_logged_for_its_operator() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script_with(json!({ "balance": 0, "insufficient": "402" }));
    let failed = seeded.render_until(&script.await, OVER).await;
    let logged = seeded.stack.sql(&format!(
        "select severity, details ->> 'code' from public.system_logs
         where event_type = 'render.provider_refused' and details ->> 'render_id' = '{}'",
        failed.id()
    ));
    assert_eq!(logged, "critical|insufficient_credits");
}

#[tokio::test]
async fn a_refused_key_is_named() {
    let seeded = SeededChannel::new().await;
    for status in [401, 200] {
        let script = seeded
            .seeded_script_with(json!({ "api_key": "another", "auth_error_status": status }))
            .await;
        let failed = seeded.render_until(&script, OVER).await;
        assert_eq!(
            failed.json["error"]["code"], "provider_key_refused",
            "{failed}"
        );
    }
    assert_eq!(seeded.usage("renders"), 0);
}

#[tokio::test]
async fn each_failure_is_named_and_never_tried_again() {
    let seeded = SeededChannel::new().await;
    let mut renders = Vec::new();
    for (outcome, code) in [
        ("failed:scrape failed", "source_unreadable"),
        ("error:script too long", "script_too_long"),
        ("failed:voice unavailable", "voice_unavailable"),
        ("failed:NSFW content detected", "content_refused"),
        ("FAILED:media generation timed out", "media_timed_out"),
        ("error:Invalid media file", "invalid_media"),
        ("failed:something new", "render_failed"),
        ("CANCELED:stopped", "cancelled_at_provider"),
    ] {
        let script = seeded
            .seeded_script_with(json!({ "outcome": outcome, "webhook": "never" }))
            .await;
        let asked = seeded.request_render(&script).await.status(202);
        renders.push((asked.id(), script, code));
    }
    for (id, script, code) in renders {
        let failed = seeded.follow_render(&id, OVER).await;
        assert_eq!(
            (&failed.json["state"], &failed.json["error"]["code"]),
            (&json!("failed"), &json!(code)),
            "{failed}"
        );
        assert_eq!(
            failed.json["cost"]["basis"], "estimated",
            "it may have been charged"
        );
        assert!(!failed.text("/error/message").is_empty());
        assert_eq!(script.charged().await.len(), 1, "{code}");
    }
    assert_eq!(seeded.usage("renders"), 8);
}

#[tokio::test]
async fn a_file_that_is_no_video_is_refused() {
    let seeded = SeededChannel::new().await;
    for file in ["html", "expired"] {
        let script = seeded
            .seeded_script_with(json!({ "file": file, "webhook": "never" }))
            .await;
        let failed = seeded.render_until(&script, OVER).await;
        assert_eq!(
            failed.json["error"]["code"], "file_unusable",
            "{file}: {failed}"
        );
        assert_eq!(
            failed.json["cost"]["basis"], "reported",
            "{file}: it was paid"
        );
        assert_eq!(failed.json["file"], Value::Null);
    }
}
