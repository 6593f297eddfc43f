//! Withdrawing videos: whatever is spent, refused or silent, a cancelled video does not go out, or its user is told in time.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, OnDrop, Publisher, StandIn, User, until};

const HOUR: u64 = 3600;

impl Publisher {
    async fn cancel(&self, upload: &Answer) -> Answer {
        let path = format!("/api/schedule/{}", upload.id());
        self.user.api.cancel(&path).await
    }

    /// By our own count this day's units are used up, until the guard is dropped.
    fn spent_quota(&self) -> OnDrop {
        self.stack.changed(
            "insert into private.quota_ledger (bucket, quota_day, spent)
             values ('units', private.quota_day(private.now()), 1000000)
             on conflict on constraint quota_ledger_pkey do update set spent = quota_ledger.spent + 1000000",
            "update private.quota_ledger set spent = greatest(0, spent - 1000000) where bucket = 'units'",
        )
    }

    /// The data of the user's events of a type, newest first.
    async fn events(&self, event_type: &str) -> Vec<Value> {
        let path = "/api/webhooks/deliveries?limit=100";
        let deliveries = self.user.api.get(path).await.status(200);
        let items = deliveries.json["items"].as_array().expect("a list");
        let bodies = items
            .iter()
            .filter(|delivery| delivery["event_type"] == event_type)
            .map(|delivery| delivery["body"].as_str().expect("a body"));
        bodies
            .map(|body| serde_json::from_str::<Value>(body).expect("JSON")["data"].take())
            .collect()
    }

    /// Waits for the event that a video could not be withdrawn; the event's data.
    async fn told(&self, upload: &Answer) -> Value {
        until("the event", Duration::from_secs(30), async || {
            self.stack.dispatch().await;
            let events = self.events("upload.withdrawal_failed").await;
            let told = events.iter().find(|data| data["id"] == upload.json["id"]);
            told.cloned().ok_or_else(|| format!("{events:?}"))
        })
        .await
    }
}

/// Has the user's events sent somewhere where nobody listens: the deliveries are what a test reads.
async fn listens(user: &User) {
    let endpoint = json!({ "url": "http://127.0.0.1:1/hooks" });
    user.api
        .post("/api/webhooks/endpoints", &endpoint)
        .await
        .status(201);
}

async fn is_withdrawn(publisher: &Publisher) {
    let video = publisher.only_video().await;
    assert_eq!(
        (&video["privacy"], &video["publish_at"]),
        (&json!("private"), &Value::Null),
        "{video}"
    );
}

#[tokio::test]
async fn our_own_count_never_stops_a_withdrawal() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(10).await;
    let spent = publisher.spent_quota();
    publisher.cancel(&there).await;
    let end = publisher
        .follow(&there.id(), &["cancelled", "needs_attention"])
        .await;
    assert_eq!(
        (
            &end.json["state"],
            &end.json["reason"],
            &end.json["withdrawal"]
        ),
        (&json!("cancelled"), &json!("kept_private"), &Value::Null)
    );
    is_withdrawn(&publisher).await;
    drop(spent);
}

#[tokio::test]
async fn who_cancels_what_youtube_does_not_let_go_is_told_with_a_link_to_studio() {
    let publisher = Publisher::new().await;
    listens(&publisher.user).await;
    let there = publisher.on_youtube(10).await;
    publisher
        .knobs(json!({ "own_quota": true, "quota_units": 0 }))
        .await;
    // YouTube's word closes the day for the whole deployment: it is opened again for the tests that follow.
    let _opened = publisher.stack.changed(
        "select 1",
        "update private.quota_ledger set exhausted_at = null where bucket = 'units'",
    );
    publisher.cancel(&there).await;
    let refused = publisher
        .follow_field(&there.id(), "/withdrawal", &["refused"])
        .await;
    let studio = format!(
        "https://studio.youtube.com/video/{}/edit",
        there.text("/youtube_video_id")
    );
    assert!(refused.text("/next_action").contains(&studio), "{refused}");
    assert_eq!(publisher.told(&there).await["studio_url"], studio);
    // It is tried again long before midnight.
    publisher
        .knobs(json!({ "own_quota": true, "quota_units": 10_000 }))
        .await;
    publisher.stack.advance(Duration::from_secs(600)).await;
    publisher.follow(&there.id(), &["cancelled"]).await;
    is_withdrawn(&publisher).await;
}

#[tokio::test]
async fn while_youtube_is_silent_the_withdrawal_is_tried_until_the_slot_and_the_user_is_told_before()
 {
    let publisher = Publisher::new().await;
    listens(&publisher.user).await;
    let there = publisher.on_youtube(3).await;
    let silent = json!({
        "account": publisher.account.name, "operation": "videos.update", "status": 503, "times": 0,
    });
    let silent = StandIn::Youtube.fault_until_dropped(&silent).await;
    let cancelled = publisher.cancel(&there).await;
    assert_eq!(cancelled.json["withdrawal"], "pending", "{cancelled}");
    assert!(cancelled.text("/explanation").contains("not yet withdrawn"));
    for _ in 0..12 {
        publisher.stack.advance(Duration::from_secs(HOUR / 4)).await;
        let now = publisher.get(&there.id()).await;
        assert_ne!(
            now.json["state"], "needs_attention",
            "nothing gives up: {now}"
        );
        if now.json["withdrawal"] == "refused" {
            break;
        }
    }
    let data = publisher.told(&there).await;
    assert!(
        data["studio_url"]
            .as_str()
            .is_some_and(|url| url.contains("studio.youtube.com"))
    );
    drop(silent);
}

#[tokio::test]
async fn erasing_a_channel_withdraws_its_videos_before_the_grant_ends() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(10).await;
    let channel = format!("/api/channels/{}", publisher.account.channel());
    publisher.user.api.delete(&channel).await.status(202);
    publisher
        .user
        .api
        .until_gone(&publisher.stack, &channel)
        .await;
    is_withdrawn(&publisher).await;
    publisher
        .stack
        .advance(Duration::from_secs(11 * HOUR))
        .await;
    let video = publisher.only_video().await;
    assert_eq!(video["privacy"], "private", "{} is public", there.id());
}

#[tokio::test]
async fn a_video_is_published_late_only_when_it_is_seen_to_be_public() {
    let publisher = Publisher::new().await;
    publisher
        .knobs(json!({ "publish_at_is_ignored": true }))
        .await;
    let there = publisher.on_youtube(5).await;
    // A yes that nothing follows from.
    publisher
        .fault(json!({ "operation": "videos.update", "status": 200, "body": { "id": there.json["youtube_video_id"] } }))
        .await;
    publisher.stack.advance(Duration::from_secs(6 * HOUR)).await;
    let published = publisher
        .follow(&there.id(), &["published", "needs_attention"])
        .await;
    assert_eq!(published.json["reason"], "published_late", "{published}");
    assert_eq!(publisher.only_video().await["privacy"], "public");
}

#[tokio::test]
async fn a_video_that_is_moved_again_and_again_is_told_to_youtube_now_and_then() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(48).await;
    let updates = async || {
        publisher
            .account
            .calls(StandIn::Youtube, "videos.update")
            .await
            .len()
    };
    let mut at = publisher.hours(48).await;
    for more in 1..=6 {
        at = publisher.hours(48 + more).await;
        publisher.move_to(&there, at).await;
        publisher
            .stack
            .run_step("upload.advance", &there.id())
            .await;
    }
    assert!(updates().await <= 2, "{} times", updates().await);
    until("the last time", Duration::from_secs(30), async || {
        publisher.stack.advance(Duration::from_secs(300)).await;
        let video = publisher.only_video().await;
        match video["publish_at"] == at.to_string() {
            true => Ok(()),
            false => Err(video.to_string()),
        }
    })
    .await;
}

#[tokio::test]
async fn erasing_a_channel_in_the_middle_of_an_upload_leaves_no_video() {
    let publisher = Publisher::new().await;
    // The first piece arrives, no other does.
    publisher
        .fault(json!({ "operation": "upload.chunk", "nth": 2, "status": 503, "times": 0 }))
        .await;
    let (_, upload) = publisher.render_and_schedule(26 * 1024 * 1024, 10).await;
    publisher
        .follow_field(&upload.id(), "/reason", &["youtube_unavailable"])
        .await;
    let channel = format!("/api/channels/{}", publisher.account.channel());
    publisher.user.api.delete(&channel).await.status(202);
    publisher
        .user
        .api
        .until_gone(&publisher.stack, &channel)
        .await;
    assert_eq!(publisher.videos().await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_could_not_be_withdrawn_before_an_erasure_is_said() {
    let publisher = Publisher::new().await;
    listens(&publisher.user).await;
    let there = publisher.on_youtube(10).await;
    publisher.account.revoke().await;
    let channel = format!("/api/channels/{}", publisher.account.channel());
    publisher.user.api.delete(&channel).await.status(202);
    publisher
        .user
        .api
        .until_gone(&publisher.stack, &channel)
        .await;
    let erased = publisher.events("channel.erased").await;
    let left = &erased[0]["not_withdrawn"][0];
    assert_eq!(
        left["youtube_video_id"], there.json["youtube_video_id"],
        "{erased:?}"
    );
    assert!(
        left["studio_url"]
            .as_str()
            .is_some_and(|url| url.contains("studio.youtube.com"))
    );
}
