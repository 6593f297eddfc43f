//! Who sees and changes a channel.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Creator, assert_problem};

#[tokio::test]
async fn a_channel_of_others_looks_like_none() {
    let (creator, stranger) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let api = &stranger.user.api;
    let listed = api.get("/api/channels").await.status(200);
    assert_eq!(listed.json["items"], json!([]));
    let mut bodies = Vec::new();
    for id in [account.channel(), Uuid::new_v4()] {
        let answer = api.get(&format!("/api/channels/{id}")).await;
        assert_problem(&answer, 404, "not_found");
        let mut body = answer.json;
        body["request_id"] = Value::Null;
        bodies.push(body);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn a_channel_of_others_is_neither_changed_nor_synchronised_nor_erased() {
    let (creator, stranger) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let path = format!("/api/channels/{}", account.channel());
    let reconnect = json!({"channel_id": account.channel()});
    let api = &stranger.user.api;
    for answer in [
        api.patch(&path, &json!({"time_zone": "UTC"})).await,
        api.delete(&path).await,
        stranger.request_sync(account.channel()).await,
        api.post("/api/channels/connect", &reconnect).await,
    ] {
        assert_problem(&answer, 404, "not_found");
    }
}

#[tokio::test]
async fn a_channel_of_others_is_not_connected_and_its_owner_not_named() {
    let (creator, stranger) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let taken = stranger.user.consent(&account.name, &json!({})).await;
    assert_problem(&taken, 409, "channel_taken");
    assert!(!taken.to_string().contains(&creator.user.email));
}

#[tokio::test]
async fn a_viewer_changes_nothing() {
    let (creator, viewer) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let channel = account.channel();
    creator
        .stack
        .seeded_member(channel, viewer.user.id, "viewer");
    let path = format!("/api/channels/{channel}");
    let api = &viewer.user.api;
    api.get(&path).await.status(200);
    for answer in [
        api.patch(&path, &json!({"time_zone": "UTC"})).await,
        viewer.request_sync(channel).await,
    ] {
        assert_problem(&answer, 403, "role_too_low");
    }
}

#[tokio::test]
async fn an_editor_changes_settings_and_cannot_erase() {
    let (creator, editor) = (Creator::new().await, Creator::new().await);
    let account = creator.user.connect_channel(1).await;
    let channel = account.channel();
    creator
        .stack
        .seeded_member(channel, editor.user.id, "editor");
    let path = format!("/api/channels/{channel}");
    let api = &editor.user.api;
    let zone = json!({"time_zone": "UTC"});
    api.patch(&path, &zone).await.status(200);
    editor.request_sync(channel).await.status(202);
    let reconnect = json!({"channel_id": channel});
    for answer in [
        api.delete(&path).await,
        api.post("/api/channels/connect", &reconnect).await,
    ] {
        assert_problem(&answer, 403, "role_too_low");
    }
}
