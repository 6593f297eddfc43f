//! From an approved script to a video file.

use serde_json::{Value, json};

use crate::support::{OVER, SeededChannel, StandIn};

#[tokio::test]
async fn an_approved_script_becomes_a_video() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    let asked = seeded.request_render(&script).await.status(202);
    assert_eq!(
        asked.header("location"),
        Some(format!("/api/video/{}", asked.id()).as_str())
    );
    assert_eq!(asked.json["content_id"], script.id.to_string());
    assert_eq!(asked.json["cost"]["estimated_credits"], 10);
    assert_eq!(asked.json["cost"]["estimate_basis"], "provider");

    let ready = seeded.follow_render(&asked.id(), OVER).await;
    assert_eq!(ready.json["state"], "ready", "{ready}");
    assert_eq!(ready.json["file"]["size_bytes"], 1_500_000);
    assert_eq!(ready.json["file"]["content_type"], "video/mp4");
    assert_eq!(ready.text("/file/sha256").len(), 64);
    assert_eq!(ready.json["cost"]["basis"], "reported");
    assert_eq!(ready.json["cost"]["credits_used"], 10);
    assert_eq!(ready.json["found_by"], "answer");
    assert_eq!(ready.json["error"], Value::Null);
    assert!(
        !ready.to_string().contains(&StandIn::Revid.url()),
        "where the file is stays private: {ready}"
    );

    let charged = script.charged().await;
    assert_eq!(charged.len(), 1);
    let sent = &charged[0]["request"];
    assert_eq!(sent["workflow"], "script-to-video");
    assert_eq!(
        sent["source"]["text"],
        format!(
            "Honey never spoils, {}.\nIt is dry.\nIt is sour.\nSubscribe.",
            script.mark
        )
    );
    assert_eq!(seeded.usage("renders"), 1);

    let listed = seeded.user.api.get("/api/video").await.status(200);
    assert_eq!(listed.json["items"][0]["id"], ready.json["id"]);
    // The Data API shows it to the same people, and the private half to nobody.
    let rows = seeded
        .user
        .rows("renders?select=id,state")
        .await
        .status(200);
    assert_eq!(rows.json.as_array().map(Vec::len), Some(1));
    assert!(seeded.user.rows("render_jobs?select=file_url").await.status >= 400);
}

#[tokio::test]
async fn the_documented_dialect_and_odd_answers_become_videos_too() {
    let seeded = SeededChannel::new().await;
    for knobs in [
        json!({ "dialect": "documented", "id_style": "prefixed", "unknown_status": "exporting" }),
        json!({ "ready_without_url_polls": 2, "not_found_polls": 2, "webhook": "never" }),
        json!({ "file": "no_length", "webhook": "failed" }),
    ] {
        let script = seeded.seeded_script_with(knobs.clone()).await;
        let ready = seeded.render_until(&script, OVER).await;
        assert_eq!(ready.json["state"], "ready", "{knobs}: {ready}");
        assert_eq!(ready.json["file"]["size_bytes"], 1_500_000, "{knobs}");
        assert_eq!(script.charged().await.len(), 1, "{knobs}");
    }
}

#[tokio::test]
async fn renders_are_listed_in_pages_the_newest_first() {
    let seeded = SeededChannel::new().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let asked = seeded.request_render(&seeded.seeded_script()).await;
        made.push(asked.status(202).id());
    }
    made.reverse();
    let path = format!("/api/video?channel_id={}", seeded.channel);
    let listed = seeded.user.api.all_items(&path, 2).await;
    let listed: Vec<&str> = listed
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    assert_eq!(listed, made);
    let path = "/api/video?state=timed_out_unknown";
    let none = seeded.user.api.get(path).await.status(200);
    assert_eq!(none.json["items"], json!([]));
}
