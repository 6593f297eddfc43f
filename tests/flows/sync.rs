//! Synchronisation over days: an allowance that ends and comes back, and the ages at which the model looks.

use std::time::Duration;

use serde_json::{Value, json};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::support::{Account, Creator, PATIENCE, Publisher, Stack, StandIn, until};

/// The ages in hours at which the public counters of a video were read.
fn ages(stack: &Stack, youtube_video_id: &str) -> Vec<f64> {
    let ages = stack.sql(&format!(
        "select coalesce(string_agg(round(s.age_hours::numeric, 2)::text, ' ' order by s.observed_at), '')
         from public.video_snapshots s join public.videos v on v.id = s.video_id
         where v.youtube_video_id = '{youtube_video_id}' and s.basis = 'public_views'"
    ));
    ages.split_whitespace()
        .map(|age| age.parse().unwrap())
        .collect()
}

/// Waits until the counters of a video were read so many times.
async fn counted(stack: &Stack, youtube_video_id: &str, times: usize) -> Vec<f64> {
    until("the next snapshot", PATIENCE, async || {
        stack.dispatch().await;
        let seen = ages(stack, youtube_video_id);
        // The step sleeps by the clock it saw: time may jump only while it does, so that is looked at last.
        let steps = stack.sql(&format!(
            "select s.state from private.steps s join public.videos v on v.channel_id = s.subject_id
             where s.kind = 'channel.sync' and v.youtube_video_id = '{youtube_video_id}'"
        ));
        if seen.len() >= times && steps == "waiting" {
            Ok(seen)
        } else {
            Err(format!("{seen:?}, the step is {steps}"))
        }
    })
    .await
}

/// Moves the time to a minute before a slot, and waits until the channel's synchronisation sleeps: what wakes it then is the
/// slot, and nothing that was due anyway.
async fn rest_before(stack: &Stack, channel: Uuid, slot: Timestamp) {
    stack.advance_to(slot - SignedDuration::from_secs(60)).await;
    let due = format!(
        "select count(*) from private.steps where kind = 'channel.sync' and subject_id = '{channel}'
         and (state = 'running' or (state = 'waiting' and due_at <= private.now()))"
    );
    stack.until_sql("a rest before the slot", &due, "0").await;
}

/// When a video became public, as it is stored.
fn published_at(stack: &Stack, youtube_video_id: &str) -> String {
    stack.sql(&format!(
        "select to_char(published_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI') from public.videos
         where youtube_video_id = '{youtube_video_id}'"
    ))
}

#[tokio::test]
async fn an_allowance_that_is_used_up_is_waited_for_until_midnight_in_los_angeles() {
    let creator = Creator::new().await;
    let account = Account::with_videos(300).await;
    account
        .fault(
            StandIn::Youtube,
            json!({"operation": "playlistItems.list", "nth": 4, "error": "queriesPerDay"}),
        )
        .await;
    let account = creator.user.connect(account).await;
    let id = account.channel();
    let channel = creator.synced(id, &["waiting"]).await;
    assert_eq!(channel.json["sync"]["reason"], "quota_exhausted");
    assert_eq!(channel.json["attention"][0]["code"], "quota_exhausted");
    assert!(channel.json["sync"]["videos_synced"].as_i64() < Some(300));
    let step = creator.stack.sql(&format!(
        "select state || ' ' || attempts || ' ' || reason from private.steps where kind = 'channel.sync' and subject_id = '{id}'"
    ));
    assert_eq!(step, "waiting 0 quota_exhausted");
    let read = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len();

    // What is used up for one is used up for all: nobody asks YouTube again before midnight.
    let other = Account::with_videos(3).await;
    let other = creator.user.connect(other).await;
    creator.synced(other.channel(), &["waiting"]).await;
    assert_eq!(
        other
            .calls(StandIn::Youtube, "playlistItems.list")
            .await
            .len(),
        0
    );

    let midnight: i64 = creator
        .stack
        .sql("select extract(epoch from private.quota_day_start(private.quota_day(private.now()) + 1) - private.now())::bigint")
        .parse()
        .unwrap();
    let retry_at = channel.time("/sync/retry_at");
    let wait = retry_at.as_second() - creator.stack.now().await.as_second();
    assert!(
        (midnight..midnight + 180).contains(&wait),
        "{wait} s, midnight in {midnight} s"
    );

    creator
        .stack
        .advance(Duration::from_secs(u64::try_from(midnight).unwrap() + 150))
        .await;
    let channel = creator.synced(id, &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 300);
    assert!(channel.json["attention"].as_array().unwrap().is_empty());
    // Pages that were stored are not read again.
    let after = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len();
    assert_eq!(after - read, 6 - (read - 1));
}

#[tokio::test]
async fn case_y06_a_spent_allowance_of_analytics_stops_nothing_else() {
    let spent = json!({
        "operation": "reports.query", "times": 0, "status": 429,
        "body": { "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "errors": [{ "domain": "global", "reason": "rateLimitExceeded" }],
            "message": "Quota exceeded for quota metric 'Queries' and limit 'Queries per day' of service 'youtubeanalytics.googleapis.com' for consumer 'project_number:1'." } },
    });
    let publisher = Publisher::new().await;
    let (stack, api) = (&publisher.stack, &publisher.user.api);
    let channel = format!("/api/channels/{}", publisher.account.channel());
    api.until_field(stack, &channel, "/sync/state", &["idle"])
        .await;
    let fault = publisher.fault(spent.clone()).await;
    stack.advance(Duration::from_secs(25 * 3600)).await;
    api.post(&format!("{channel}/sync"), &json!({})).await;
    until("Analytics refuses", PATIENCE, async || {
        stack.dispatch().await;
        match StandIn::Youtube.hits(fault).await {
            0 => Err("not asked".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    let synced = api
        .until_field(stack, &channel, "/sync/state", &["idle", "waiting"])
        .await;
    assert_eq!(synced.json["sync"]["state"], "idle", "{synced}");

    // The catalogue of another channel, an upload and a thumbnail go on.
    let other = Account::with_videos(20).await;
    other.fault(StandIn::Youtube, spent).await;
    let other = publisher.user.connect(other).await;
    let other = format!("/api/channels/{}", other.channel());
    let other = api
        .until_field(stack, &other, "/sync/state", &["idle", "waiting"])
        .await;
    assert_eq!(
        (
            &other.json["sync"]["state"],
            &other.json["sync"]["videos_synced"],
            &other.json["attention"]
        ),
        (&json!("idle"), &json!(20), &json!([])),
        "{other}"
    );
    let rendered = publisher.render(600_000).await;
    stack.sql(&format!(
        "update public.renders set thumbnail_url = '{}/t/' || provider_job_id || '.jpg' where id = '{}'",
        StandIn::Revid.url(),
        rendered.render
    ));
    let upload = publisher
        .request_upload(rendered.render, 72, json!({ "thumbnail": true }))
        .await;
    publisher.reach(&upload.id(), "on_youtube").await;
    publisher
        .follow_field(&upload.id(), "/thumbnail", &["set"])
        .await;
    let closed = "select count(*) from private.quota_ledger
        where exhausted_at is not null and quota_day = private.quota_day(private.now())";
    assert_eq!(stack.sql(closed), "0", "buckets that were closed");
}

#[tokio::test]
async fn a_young_video_is_counted_at_every_age_of_the_model() {
    let creator = Creator::new().await;
    let published = creator.stack.now().await - jiff::SignedDuration::from_mins(30);
    let rows = json!([{"title": "Brand new", "published_at": published.to_string(), "views": 500, "likes": 20, "comments": 3}]);
    let account = Account::create(&json!({ "rows": rows })).await;
    let account = creator.user.connect(account).await;
    let id = account.channel();
    creator.synced(id, &["idle"]).await;
    let video = creator.stack.sql(&format!(
        "select youtube_video_id from public.videos where channel_id = '{id}'"
    ));
    for (minutes, wanted) in [(20, 2), (15, 3), (60, 4), (24 * 60, 5)] {
        creator
            .stack
            .advance(Duration::from_secs(minutes * 60))
            .await;
        counted(&creator.stack, &video, wanted).await;
    }
    let seen = ages(&creator.stack, &video);
    assert!(seen.is_sorted() && seen[0] < 0.6, "{seen:?}");
    assert!(
        (0.75..1.0).contains(&seen[1]) && (1.0..1.5).contains(&seen[2]),
        "{seen:?}"
    );
    let stats: Vec<Value> = account
        .calls(StandIn::Youtube, "videos.batchGetStats")
        .await;
    assert!(stats.len() >= 4 - 1, "counters come from their own bucket");
}

#[tokio::test]
async fn a_video_of_ours_is_counted_from_its_minute() {
    let publisher = Publisher::new().await;
    let there = publisher.on_youtube(5).await;
    let video = there.text("/youtube_video_id");
    let slot = there.time("/publish_at");
    rest_before(&publisher.stack, publisher.account.channel(), slot).await;
    publisher
        .stack
        .advance_to(slot + SignedDuration::from_secs(60))
        .await;
    publisher.follow(&there.id(), &["published"]).await;
    let first = counted(&publisher.stack, &video, 1).await;
    assert!(first[0] < 0.25, "{first:?}");
    assert_eq!(
        published_at(&publisher.stack, &video),
        slot.strftime("%Y-%m-%dT%H:%M").to_string()
    );
    publisher
        .stack
        .advance_to(slot + SignedDuration::from_mins(46))
        .await;
    publisher
        .stack
        .advance_to(slot + SignedDuration::from_mins(61))
        .await;
    let seen = counted(&publisher.stack, &video, 2).await;
    assert!((0.75..1.25).contains(&seen[1]), "{seen:?}");
}

/// Uploaded long ago and scheduled in Studio: deep in the list, where a refresh does not look.
#[tokio::test]
async fn case_y01_a_video_that_was_scheduled_in_studio_is_counted_from_its_minute() {
    let creator = Creator::new().await;
    let account = Account::with_videos(120).await;
    let account = creator.user.connect(account).await;
    let id = account.channel();
    creator.synced(id, &["idle"]).await;
    let oldest = creator.stack.sql(&format!(
        "select youtube_video_id from public.videos where channel_id = '{id}' order by published_at limit 1"
    ));
    let slot = creator.stack.now().await + SignedDuration::from_hours(5);
    let scheduled = json!({"id": oldest, "privacy": "private", "publish_at": slot.to_string()});
    StandIn::Youtube.control("videos", &scheduled).await;
    creator.stack.sql(&format!(
        "delete from public.videos where channel_id = '{id}' and youtube_video_id = '{oldest}';
         update private.channel_syncs set full_at = full_at - interval '8 days' where channel_id = '{id}'"
    ));
    creator.sync(id).await;
    assert!(ages(&creator.stack, &oldest).is_empty());
    let pages = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len();

    rest_before(&creator.stack, id, slot).await;
    // The stand-in publishes what was uploaded here; what its catalogue brought needs a hand.
    let public = json!({"id": oldest, "privacy": "public"});
    StandIn::Youtube.control("videos", &public).await;
    creator
        .stack
        .advance_to(slot + SignedDuration::from_secs(60))
        .await;
    let seen = counted(&creator.stack, &oldest, 1).await;
    assert!(seen[0] < 0.25, "{seen:?}");
    assert_eq!(
        published_at(&creator.stack, &oldest),
        slot.strftime("%Y-%m-%dT%H:%M").to_string()
    );
    assert_eq!(
        account
            .calls(StandIn::Youtube, "playlistItems.list")
            .await
            .len(),
        pages,
        "no list was read"
    );
}

#[tokio::test]
async fn case_y01_an_old_video_that_is_made_public_by_hand_is_seen_by_the_next_daily_look() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(120).await;
    let id = account.channel();
    let oldest = creator.stack.sql(&format!(
        "select youtube_video_id from public.videos where channel_id = '{id}' order by published_at limit 1"
    ));
    let show = async |privacy: &str| {
        StandIn::Youtube
            .control("videos", &json!({"id": oldest, "privacy": privacy}))
            .await;
    };
    show("private").await;
    creator.stack.sql(&format!(
        "delete from public.videos where channel_id = '{id}' and youtube_video_id = '{oldest}';
         update private.channel_syncs set full_at = full_at - interval '8 days' where channel_id = '{id}'"
    ));
    creator.sync(id).await;
    show("public").await;
    creator.sync(id).await;
    let public = format!(
        "select privacy || ' ' || (published_at is not null) from public.videos where youtube_video_id = '{oldest}'"
    );
    creator
        .stack
        .until_sql("the time of its publication", &public, "public true")
        .await;
}
