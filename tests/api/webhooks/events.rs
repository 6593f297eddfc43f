//! Which events there are, and who gets them.

use serde_json::json;

use crate::support::{Creator, OVER, Publisher, Received, Receiver, SeededChannel};

/// The kinds of events that came, in no particular order.
fn kinds(receiver: &Receiver) -> Vec<String> {
    let mut kinds: Vec<String> = receiver.seen().iter().map(Received::kind).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn each_state_of_a_render_is_an_event() {
    let seeded = SeededChannel::new().await;
    let receiver = Receiver::start().await;
    receiver
        .register(&seeded.user, json!({ "channel_id": seeded.channel }))
        .await;
    let picky = Receiver::start().await;
    picky
        .register(&seeded.user, json!({"events": ["render.ready"]}))
        .await;
    let render = seeded.render_until(&seeded.seeded_script(), OVER).await;
    assert_eq!(render.json["state"], "ready", "{render}");
    receiver.received(&seeded.stack, 3).await;
    picky.received(&seeded.stack, 1).await;
    assert_eq!(
        kinds(&receiver),
        ["render.ready", "render.requested", "render.started"]
    );
    assert_eq!(kinds(&picky), ["render.ready"]);
    let ready = receiver.of_kind("render.ready").remove(0);
    assert_eq!(ready.json()["data"]["id"], render.json["id"]);
    // Every receiver gets an event under the same id.
    assert_eq!(
        ready.header("webhook-id"),
        picky.seen()[0].header("webhook-id")
    );
}

#[tokio::test]
async fn each_state_of_an_upload_is_an_event() {
    let publisher = Publisher::new().await;
    let receiver = Receiver::start().await;
    let rendered = publisher.render(600_000).await;
    let events = json!({"events": [
        "upload.scheduled", "upload.rescheduled", "upload.started", "upload.on_youtube", "upload.cancelled",
        "upload.needs_attention", "upload.failed",
    ]});
    receiver.register(&publisher.user, events).await;
    let upload = publisher.schedule(rendered.render, 48).await;
    publisher.reach(&upload.id(), "on_youtube").await;
    let later = publisher.hours(72).await;
    let path = format!("/api/schedule/{}", upload.id());
    publisher.move_to(&upload, later).await;
    receiver.received(&publisher.stack, 4).await;
    publisher.user.api.delete(&path).await.status(202);
    publisher.follow(&upload.id(), &["cancelled"]).await;
    receiver.received(&publisher.stack, 5).await;
    assert_eq!(
        kinds(&receiver),
        [
            "upload.cancelled",
            "upload.on_youtube",
            "upload.rescheduled",
            "upload.scheduled",
            "upload.started"
        ]
    );
    let there = receiver.of_kind("upload.on_youtube").remove(0).json();
    assert!(there["data"]["youtube_video_id"].is_string(), "{there}");
    let moved = receiver.of_kind("upload.rescheduled").remove(0).json();
    let sent: jiff::Timestamp = moved["data"]["publish_at"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .expect("a time");
    assert_eq!(sent, later);
}

#[tokio::test]
async fn an_erasure_is_an_event_and_then_forgotten() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(2).await;
    let channel = account.channel();
    let receiver = Receiver::start().await;
    receiver.register(&creator.user, json!({})).await;
    let of_channel = Receiver::start().await;
    of_channel
        .register(&creator.user, json!({ "channel_id": channel }))
        .await;
    let path = format!("/api/channels/{channel}");
    let answer = creator.user.api.delete(&path).await;
    assert!(matches!(answer.status, 202 | 204), "{answer}");
    let event = receiver.received(&creator.stack, 1).await.remove(0).json();
    assert_eq!(event["type"], "channel.erased");
    assert_eq!(event["data"]["id"], channel.to_string());
    let ids = [channel.to_string(), account.youtube_channel_id.clone()];
    creator.until_unmentioned(&ids).await;
    assert!(
        of_channel.seen().is_empty(),
        "what belongs to the channel has gone with it"
    );
}

#[tokio::test]
async fn the_document_names_the_events_that_the_database_knows() {
    let creator = Creator::new().await;
    let known: Vec<String> = creator
        .stack
        .sql("select unnest(private.webhook_event_types()) order by 1")
        .lines()
        .map(str::to_owned)
        .collect();
    let document = catalyst::routes::openapi::document();
    let mut documented: Vec<String> =
        serde_json::from_value(document["components"]["schemas"]["EventType"]["enum"].clone())
            .expect("names");
    documented.sort();
    assert_eq!(documented, known);
    let page = include_str!("../../../docs/webhooks.md");
    for kind in known {
        let named = kind.split_once('.').is_none_or(|(group, what)| {
            page.lines().any(|line| {
                line.contains(&format!("`{group}.")) && line.contains(&format!(".{what}`"))
            })
        });
        assert!(named, "docs/webhooks.md does not name {kind}");
    }
}
