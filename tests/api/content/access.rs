//! Who reads and changes content.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, SeededChannel, assert_problem};

#[tokio::test]
async fn content_of_another_channel_looks_like_none() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.generated_script().await;
    let stranger = &seeded.stack.sign_up().await.api;
    let paths = [script.id(), Uuid::new_v4().to_string()].map(|id| format!("/api/content/{id}"));
    let channels = [seeded.channel, Uuid::new_v4()];
    let mut pairs: Vec<[Answer; 2]> = Vec::new();
    let generate = async |channel| {
        let body = json!({"channel_id": channel, "topic": "x"});
        stranger.post("/api/generate/ideas", &body).await
    };
    pairs.push([generate(channels[0]).await, generate(channels[1]).await]);
    pairs.push([stranger.get(&paths[0]).await, stranger.get(&paths[1]).await]);
    for change in [
        json!({"rating": 1}),
        json!({"output": script.json["output"]}),
    ] {
        pairs.push([
            stranger.patch(&paths[0], &change).await,
            stranger.patch(&paths[1], &change).await,
        ]);
    }
    pairs.push([
        stranger.delete(&paths[0]).await,
        stranger.delete(&paths[1]).await,
    ]);
    for [foreign, absent] in pairs {
        assert_problem(&foreign, 404, "not_found");
        assert_problem(&absent, 404, "not_found");
        assert_eq!(foreign.json["detail"], absent.json["detail"]);
    }
}

#[tokio::test]
async fn a_stranger_lists_no_content() {
    let seeded = SeededChannel::with_catalogue().await;
    seeded.seeded_script();
    let stranger = seeded.stack.sign_up().await;
    let listed = stranger.api.get("/api/content").await.status(200);
    assert_eq!(listed.json["items"], json!([]));
    let rows = stranger.rows("generated_content?select=id").await;
    assert_eq!(rows.status(200).json, json!([]));
}

#[tokio::test]
async fn another_channels_content_is_no_source() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.seeded_script();
    let stranger = SeededChannel::with_catalogue().await;
    for body in [
        json!({"source_id": script.id}),
        json!({"regenerate": script.id, "topic": "x"}),
    ] {
        let problem = stranger.generate("script", body).await;
        assert_problem(&problem, 404, "not_found");
    }
}

#[tokio::test]
async fn a_viewer_reads_and_spends_nothing() {
    let seeded = SeededChannel::with_catalogue().await;
    let script = seeded.seeded_script();
    let path = format!("/api/content/{}", script.id);
    let viewer = seeded.stack.sign_up().await;
    let api = &viewer.api;
    seeded
        .stack
        .seeded_member(seeded.channel, viewer.id, "viewer");
    api.get(&path).await.status(200);
    let body = json!({"channel_id": seeded.channel, "topic": "x"});
    for answer in [
        api.post("/api/generate/ideas", &body).await,
        api.patch(&path, &json!({"rating": 1})).await,
        api.delete(&path).await,
    ] {
        assert_problem(&answer, 403, "role_too_low");
    }
}
