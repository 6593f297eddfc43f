//! Synchronisation over days: an allowance that ends and comes back, and the ages at which the model looks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Account, Creator, PATIENCE, StandIn, until};

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
async fn a_young_video_is_counted_at_every_age_of_the_model() {
    let creator = Creator::new().await;
    let published = creator.stack.now().await - jiff::SignedDuration::from_mins(30);
    let rows = json!([{"title": "Brand new", "published_at": published.to_string(), "views": 500, "likes": 20, "comments": 3}]);
    let account = Account::create(&json!({ "rows": rows })).await;
    let account = creator.user.connect(account).await;
    let id = account.channel();
    creator.synced(id, &["idle"]).await;
    let ages = || {
        let ages = creator.stack.sql(&format!(
            "select string_agg(round(age_hours::numeric, 1)::text, ' ' order by observed_at) from public.video_snapshots
             where channel_id = '{id}' and basis = 'public_views'"
        ));
        ages.split(' ')
            .map(|age| age.parse::<f64>().unwrap())
            .collect::<Vec<_>>()
    };
    for (minutes, wanted) in [(20, 2), (15, 3), (60, 4), (24 * 60, 5)] {
        creator
            .stack
            .advance(Duration::from_secs(minutes * 60))
            .await;
        until("the next snapshot", PATIENCE, async || {
            creator.stack.dispatch().await;
            // The step sleeps by the clock it saw: time may jump only while it does, so that is looked at last.
            let seen = ages();
            let step = creator.stack.sql(&format!(
                "select state from private.steps where kind = 'channel.sync' and subject_id = '{id}'"
            ));
            if seen.len() >= wanted && step == "waiting" {
                Ok(())
            } else {
                Err(format!("{seen:?}, the step is {step}"))
            }
        })
        .await;
    }
    let seen = ages();
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
