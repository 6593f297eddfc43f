//! Who sees, pays for and cancels a render.

use serde_json::json;
use uuid::Uuid;

use crate::support::{SeededChannel, assert_problem};

#[tokio::test]
async fn a_render_of_another_channel_looks_like_none() {
    let seeded = SeededChannel::new().await;
    let render = seeded.stack.seeded_render(seeded.channel, "queued");
    let stranger = seeded.stack.sign_up().await;
    for id in [render, Uuid::new_v4()] {
        let path = format!("/api/video/{id}");
        for answer in [
            stranger.api.get(&path).await,
            stranger.api.delete(&path).await,
        ] {
            assert_problem(&answer, 404, "not_found");
            assert_eq!(answer.text("/detail"), "No such object.");
        }
    }
    let listed = stranger.api.get("/api/video").await.status(200);
    assert_eq!(listed.json["items"], json!([]));
    let rows = stranger.rows("renders?select=id").await.status(200);
    assert_eq!(rows.json, json!([]));
}

#[tokio::test]
async fn a_script_of_another_channel_is_neither_priced_nor_rendered() {
    let seeded = SeededChannel::new().await;
    let script = seeded.seeded_script();
    let stranger = seeded.stack.sign_up().await;
    for path in ["/api/video/estimate", "/api/video/render"] {
        for id in [script.id, Uuid::new_v4()] {
            let body = json!({ "content_id": id });
            let answer = stranger.api.post(path, &body).await;
            assert_problem(&answer, 404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_viewer_sees_renders_and_spends_nothing() {
    let seeded = SeededChannel::new().await;
    let asked = seeded.request_render(&seeded.seeded_script()).await;
    let path = format!("/api/video/{}", asked.status(202).id());
    let viewer = seeded.stack.sign_up().await;
    let role = "viewer";
    seeded.stack.seeded_member(seeded.channel, viewer.id, role);
    viewer.api.get(&path).await.status(200);
    assert_problem(&viewer.api.delete(&path).await, 403, "role_too_low");
    let body = json!({ "content_id": seeded.seeded_script().id });
    let refused = viewer.api.post("/api/video/render", &body).await;
    assert_problem(&refused, 403, "role_too_low");
    assert_eq!(seeded.usage("renders"), 1);
}
