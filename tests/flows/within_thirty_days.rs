//! Thirty days: what is stored about a channel is verified within them, or erased, and its owner is told before. The last
//! of the flows, because a month passes for all channels of the stack.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Account, Creator, Receiver, StandIn};

const DAY: u64 = 86_400;

async fn days(creator: &Creator, days: u64) {
    creator.stack.advance(Duration::from_secs(days * DAY)).await;
}

/// A month makes everything due that other flows have left behind: it is cancelled.
fn cancel_waiting_steps(creator: &Creator) {
    creator.stack.sql(
        "select private.cancel_step(kind, subject_id) from private.steps where state = 'waiting' order by id",
    );
}

/// What pg_cron does every hour.
fn purge(creator: &Creator) {
    creator.stack.sql("select private.purge_unverified()");
}

async fn logged(creator: &Creator, event: &str) -> Value {
    creator
        .user
        .rows(&format!(
            "system_logs?event_type=eq.{event}&select=message,details"
        ))
        .await
        .status(200)
        .json
}

/// A channel whose grant was taken back at Google, and which we have noticed.
async fn disconnected(creator: &Creator) -> (Account, Uuid) {
    let account = creator.connect_and_sync(5).await;
    let channel = account.channel();
    account.revoke().await;
    creator.request_sync(channel).await.status(202);
    let path = format!("/api/channels/{channel}");
    creator
        .user
        .api
        .until_field(&creator.stack, &path, "/state", &["disconnected"])
        .await;
    (account, channel)
}

#[tokio::test]
async fn a_channel_whose_grant_is_gone_is_erased_after_its_owner_was_told() {
    let creator = Creator::new().await;
    cancel_waiting_steps(&creator);
    let receiver = Receiver::start().await;
    let (account, channel) = disconnected(&creator).await;
    let events = json!({"events": ["channel.purge_pending", "channel.erased"]});
    receiver.register(&creator.user, events).await;
    let path = format!("/api/channels/{channel}");
    let seen = creator.user.api.get(&path).await.status(200);
    let purge_at = seen.time("/purge_at");
    let left = purge_at.as_second() - creator.stack.now().await.as_second();
    assert!(
        (28 * DAY as i64..=29 * DAY as i64).contains(&left),
        "{left} s"
    );
    let day = purge_at.to_string()[..10].to_owned();
    assert!(seen.text("/attention/0/message").contains(&day), "{seen}");

    days(&creator, 20).await;
    purge(&creator);
    assert_eq!(logged(&creator, "channel.purge_pending").await, json!([]));
    days(&creator, 3).await;
    purge(&creator);
    purge(&creator);
    let warned = logged(&creator, "channel.purge_pending").await;
    assert_eq!(warned.as_array().map(Vec::len), Some(1), "one warning");
    assert!(
        warned[0]["message"]
            .as_str()
            .is_some_and(|message| message.contains(&day)),
        "{warned}"
    );
    let event = receiver.received(&creator.stack, 1).await.remove(0).json();
    assert_eq!(event["type"], "channel.purge_pending");
    assert!(event["data"]["purge_at"].is_string(), "{event}");
    creator.user.api.get(&path).await.status(200);

    days(&creator, 6).await;
    purge(&creator);
    let ids = [channel.to_string(), account.youtube_channel_id.clone()];
    creator.until_unmentioned(&ids).await;
    assert_eq!(receiver.of_kind("channel.erased").len(), 1);
    let gone = logged(&creator, "channel.purged").await;
    assert_eq!(gone.as_array().map(Vec::len), Some(1), "{gone}");
    creator.user.api.get("/api/me").await.status(200);
}

#[tokio::test]
async fn a_new_consent_takes_the_date_away() {
    let creator = Creator::new().await;
    cancel_waiting_steps(&creator);
    let (account, channel) = disconnected(&creator).await;
    days(&creator, 23).await;
    purge(&creator);
    let again = json!({ "channel_id": channel });
    creator
        .user
        .consent(&account.name, &again)
        .await
        .status(200);
    let seen = creator.synced(channel, &["idle"]).await;
    assert_eq!(seen.json["purge_at"], Value::Null, "{seen}");
    days(&creator, 7).await;
    purge(&creator);
    let path = format!("/api/channels/{channel}");
    let kept = creator.user.api.get(&path).await.status(200);
    assert_eq!(kept.json["state"], "connected", "{kept}");
    assert_eq!(
        creator.stack.count(&format!(
            "select count(*) from public.videos where channel_id = '{channel}'"
        )),
        5
    );
}

/// A channel of twelve videos that is synchronised for forty days. One of them is deleted at YouTube on the first: its id.
async fn forty_days(creator: &Creator) -> (Uuid, String) {
    cancel_waiting_steps(creator);
    let account = creator.connect_and_sync(12).await;
    let channel = account.channel();
    let video = creator.stack.sql(&format!(
        "select youtube_video_id from public.videos where channel_id = '{channel}' order by published_at limit 1"
    ));
    StandIn::Youtube
        .control("videos", &json!({"id": video, "delete": true}))
        .await;
    for _ in 0..5 {
        days(creator, 8).await;
        let now = creator.stack.now().await;
        let fresh = format!(
            "select count(*) from private.channel_syncs where channel_id = '{channel}' and phase = 'idle' and full_at >= '{now}'"
        );
        creator
            .stack
            .until_sql("the next synchronisation", &fresh, "1")
            .await;
        purge(creator);
    }
    (channel, video)
}

#[tokio::test]
async fn what_is_connected_is_verified_again_and_what_is_gone_is_forgotten() {
    let creator = Creator::new().await;
    let first = creator.stack.now().await;
    let (channel, video) = forty_days(&creator).await;
    assert_eq!(logged(&creator, "channel.purge_pending").await, json!([]));
    let now = creator.stack.now().await;
    assert!(now.as_second() - first.as_second() >= 40 * DAY as i64);
    let stale = creator.stack.count(&format!(
        "select count(*) from public.videos where channel_id = '{channel}' and counted_at < private.now() - interval '9 days'"
    ));
    assert_eq!(stale, 0, "everything was read again");
    let held = creator.stack.sql(&format!(
        "select count(*), count(*) filter (where youtube_video_id = '{video}') from public.videos where channel_id = '{channel}'"
    ));
    assert_eq!(held, "11|0", "what is gone is forgotten within thirty days");
    let verified = creator.stack.sql(&format!(
        "select private.grant_verified_at('{channel}') > private.now() - interval '9 days'"
    ));
    assert_eq!(verified, "t");
}

#[tokio::test]
async fn counters_of_more_than_thirty_days_are_kept_only_where_youtube_has_agreed() {
    let creator = Creator::new().await;
    let (channel, _) = forty_days(&creator).await;
    let read = format!(
        "select count(*) from public.video_snapshots where channel_id = '{channel}' and read_at"
    );
    let old = format!("{read} < private.now() - interval '30 days'");
    let fresh = format!("{read} > private.now() - interval '9 days'");
    assert!(creator.stack.count(&old) > 0);
    let accepted = creator
        .stack
        .sql("select value from private.settings where key = 'derived_metrics_accepted_at'");
    let _accepted = creator.stack.changed(
        "delete from private.settings where key = 'derived_metrics_accepted_at'",
        format!("insert into private.settings (key, value) values ('derived_metrics_accepted_at', '{accepted}')"),
    );
    let before = creator.stack.count(&fresh);
    purge(&creator);
    assert_eq!(creator.stack.count(&old), 0);
    let kept = creator.stack.count(&fresh);
    assert!(before > 0 && kept == before, "{kept} of {before}");
}
