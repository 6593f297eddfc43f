//! Who sees and changes uploads.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Publisher, assert_problem};

#[tokio::test]
async fn an_upload_of_another_channel_looks_like_none() {
    let publisher = Publisher::new().await;
    let upload = publisher.schedule_seeded(72).await;
    let stranger = &publisher.stack.sign_up().await.api;
    for id in [upload.id(), Uuid::new_v4().to_string()] {
        let path = format!("/api/schedule/{id}");
        let title = json!({ "title": "Mine" });
        for answer in [
            stranger.get(&path).await,
            stranger.patch(&path, &title).await,
            stranger.delete(&path).await,
        ] {
            assert_problem(&answer, 404, "not_found");
        }
    }
    let listed = stranger.get("/api/schedule").await.status(200);
    assert_eq!(listed.json["items"], json!([]));
}

#[tokio::test]
async fn a_render_and_the_free_slots_of_another_channel_look_like_none() {
    let publisher = Publisher::new().await;
    let stranger = &publisher.stack.sign_up().await.api;
    let render = publisher.seeded_render("requested");
    let body = Publisher::body(render, publisher.hours(96).await, json!({}));
    let refused = stranger.post("/api/schedule", &body).await;
    assert_problem(&refused, 404, "not_found");
    let channel = publisher.account.channel();
    let slots = format!("/api/schedule/slots?channel_id={channel}");
    assert_problem(&stranger.get(&slots).await, 404, "not_found");
}

#[tokio::test]
async fn a_viewer_sees_uploads_and_changes_nothing() {
    let publisher = Publisher::new().await;
    let upload = publisher.schedule_seeded(72).await;
    let viewer = publisher.stack.sign_up().await;
    let channel = publisher.account.channel();
    publisher.stack.seeded_member(channel, viewer.id, "viewer");
    let path = format!("/api/schedule/{}", upload.id());
    viewer.api.get(&path).await.status(200);
    let render = publisher.seeded_render("requested");
    let body = Publisher::body(render, publisher.hours(96).await, json!({}));
    for answer in [
        viewer.api.patch(&path, &json!({ "title": "Mine" })).await,
        viewer.api.delete(&path).await,
        viewer.api.post("/api/schedule", &body).await,
    ] {
        assert_problem(&answer, 403, "role_too_low");
    }
}
