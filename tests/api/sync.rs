//! Synchronising a channel, and what goes wrong at YouTube and Google meanwhile.

use serde_json::json;

use crate::support::{Account, Creator, StandIn, assert_problem};

#[tokio::test]
async fn a_synchronised_channel_has_its_catalogue_its_formats_and_its_past() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(260).await;
    let channel = creator.synced(account.channel(), &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 260);
    assert_eq!(channel.json["sync"]["videos_found"], 260);
    assert!(channel.json["last_synced_at"].is_string());
    assert!(channel.json["sync"]["data_through"].is_string());

    let id = account.channel();
    let count = |condition: &str| {
        creator.stack.count(&format!(
            "select count(*) from public.videos where channel_id = '{id}' and {condition}"
        ))
    };
    assert_eq!(count("true"), 260);
    assert_eq!(
        count("title <> '' and published_at is not null and views is not null"),
        260
    );
    assert!(count("format in ('short', 'long')") > 200);
    assert_eq!(count("analytics_at is not null"), 200);
    let engaged = creator.stack.count(&format!(
        "select count(distinct video_id) from public.video_snapshots where channel_id = '{id}' and basis = 'engaged_views'"
    ));
    assert!(engaged > 150, "{engaged} videos have a past");
    // Cumulative: a later snapshot of a basis never shows fewer views.
    assert_eq!(
        creator.stack.count(&format!(
            "select count(*) from (select views < lag(views) over (partition by video_id, basis order by observed_at) as falls
             from public.video_snapshots where channel_id = '{id}') s where falls"
        )),
        0
    );
    let pages = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len();
    let details = account.calls(StandIn::Youtube, "videos.list").await.len();
    assert_eq!((pages, details), (6, 6));
}

#[tokio::test]
async fn a_second_synchronisation_finds_what_is_new_and_reads_counters_from_their_own_bucket() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(120).await;
    // The head of the list brings its counters along; the other 70 videos are two calls of the counters' own bucket.
    let before = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len();
    let synced = creator.sync(account.channel()).await;
    assert_eq!(synced.json["sync"]["videos_synced"], 120);
    let pages = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len()
        - before;
    assert!(
        pages <= 3,
        "the head of the list is enough, {pages} pages were read"
    );
    assert_eq!(
        account
            .calls(StandIn::Youtube, "videos.batchGetStats")
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn a_channel_without_a_video_is_synchronised_too() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(0).await;
    let channel = creator.synced(account.channel(), &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 0);
}

#[tokio::test]
async fn asking_twice_with_one_key_asks_once() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(3).await;
    let path = format!("/api/channels/{}/sync", account.channel());
    let first = creator
        .user
        .api
        .post_once(&path, "sync-1", &json!({}))
        .await
        .status(202);
    assert_eq!(
        first.header("location"),
        Some(format!("/api/channels/{}", account.channel()).as_str())
    );
    creator.synced(account.channel(), &["idle"]).await;
    let second = creator
        .user
        .api
        .post_once(&path, "sync-1", &json!({}))
        .await
        .status(202);
    assert_eq!(first.json["version"], second.json["version"]);
}

#[tokio::test]
async fn a_youtube_that_fails_now_and_then_delays_but_loses_nothing() {
    let creator = Creator::new().await;
    let account = Account::with_videos(160).await;
    for fault in [
        json!({"operation": "playlistItems.list", "nth": 2, "error": "backendError"}),
        json!({"operation": "videos.list", "nth": 1, "error": "perMinute"}),
        json!({"operation": "videos.list", "nth": 2, "error": "html502"}),
        json!({"operation": "videos.list", "nth": 4, "cut": true}),
        json!({"operation": "reports.query", "nth": 3, "error": "internalError"}),
        json!({"operation": "reports.query", "nth": 9, "cut": true, "when": "after"}),
        json!({"operation": "channels.list", "nth": 2, "status": 503}),
    ] {
        account.fault(StandIn::Youtube, fault).await;
    }
    let account = creator.user.connect(account).await;
    let id = account.channel();
    let channel = creator.synced(id, &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 160);
}

#[tokio::test]
async fn an_interrupted_synchronisation_goes_on_at_the_page_it_had_reached() {
    let creator = Creator::new().await;
    let account = Account::with_videos(500).await;
    // All attempts of one call fail, so that the step itself has to be repeated.
    account
        .fault(
            StandIn::Youtube,
            json!({"operation": "playlistItems.list", "nth": 6, "times": 4, "status": 500}),
        )
        .await;
    let account = creator.user.connect(account).await;
    let channel = creator.synced(account.channel(), &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 500);
    let pages = account
        .calls(StandIn::Youtube, "playlistItems.list")
        .await
        .len();
    assert_eq!(pages, 10 + 4, "no page was read twice");
}

#[tokio::test]
async fn a_list_that_has_moved_on_is_read_from_its_start() {
    let creator = Creator::new().await;
    let account = Account::with_videos(300).await;
    account
        .fault(
            StandIn::Youtube,
            json!({"operation": "playlistItems.list", "nth": 3, "error": "invalidPageToken"}),
        )
        .await;
    let account = creator.user.connect(account).await;
    let channel = creator.synced(account.channel(), &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 300);
}

#[tokio::test]
async fn a_deleted_video_is_marked_by_the_next_whole_pass() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(60).await;
    let id = account.channel();
    let video = creator.stack.sql(&format!("select youtube_video_id from public.videos where channel_id = '{id}' order by published_at limit 1"));
    StandIn::Youtube
        .control("videos", &json!({"id": video, "delete": true}))
        .await;
    creator.stack.sql(&format!("update private.channel_syncs set full_at = full_at - interval '8 days' where channel_id = '{id}'"));
    let channel = creator.sync(id).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 59);
    let gone = creator.stack.sql(&format!("select youtube_video_id from public.videos where channel_id = '{id}' and gone_at is not null"));
    assert_eq!(gone, video);
}

#[tokio::test]
async fn a_revoked_grant_disconnects_with_its_reason_and_reconnecting_keeps_history() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(30).await;
    let id = account.channel();
    let videos = creator.stack.sql(&format!("select md5(string_agg(id::text, ',' order by id)) from public.videos where channel_id = '{id}'"));
    account.revoke().await;
    let path = format!("/api/channels/{id}");
    creator.request_sync(id).await.status(202);
    let channel = creator
        .user
        .api
        .until_field(&creator.stack, &path, "/state", &["disconnected"])
        .await;
    assert_eq!(channel.json["state_reason"], "grant_revoked");
    assert_eq!(channel.json["attention"][0]["code"], "reconnect");
    assert_eq!(channel.json["sync"]["state"], "failed");
    assert_problem(&creator.request_sync(id).await, 409, "channel_disconnected");

    creator
        .user
        .consent(&account.name, &json!({"channel_id": id}))
        .await
        .status(200);
    let channel = creator.synced(id, &["idle"]).await;
    assert_eq!(channel.json["state"], "connected");
    assert_eq!(channel.json["attention"], json!([]));
    assert_eq!(
        creator.stack.sql(&format!("select md5(string_agg(id::text, ',' order by id)) from public.videos where channel_id = '{id}'")),
        videos
    );
}

#[tokio::test]
async fn an_access_token_that_youtube_refuses_is_renewed_once() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(200).await;
    account.change(&json!({"expire_access_tokens": true})).await;
    creator.sync(account.channel()).await;
    assert_eq!(account.refreshes().await, 1);
    let channel = creator
        .user
        .api
        .get(&format!("/api/channels/{}", account.channel()))
        .await
        .ok();
    assert_eq!(channel.json["state"], "connected");
}

#[tokio::test]
async fn a_token_endpoint_that_is_down_disconnects_nobody() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(3).await;
    let id = account.channel();
    expire(&creator, &account);
    account
        .fault(
            StandIn::Google,
            json!({"operation": "token", "error": "internal_failure", "times": 5}),
        )
        .await;
    let channel = creator.sync(id).await;
    assert_eq!(channel.json["state"], "connected");
    assert_eq!(channel.json["sync"]["state"], "idle");
}

/// 100 who need a token at the same moment: one call to Google.
#[tokio::test]
async fn a_hundred_refreshes_at_once_are_one_call() {
    let creator = Creator::new().await;
    let account = creator.connect_and_sync(1).await;
    expire(&creator, &account);
    let config = platform::config::get().expect("the stack's configuration");
    let engine = platform::db::Db::engine(config);
    let id = platform::ids::ChannelId(account.channel());
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move {
                catalyst::channels::access::token(&engine, config, id, None).await
            })
        })
        .collect();
    let mut versions = std::collections::BTreeSet::new();
    for task in tasks {
        versions.insert(task.await.unwrap().expect("a token").version);
    }
    assert_eq!(versions.len(), 1);
    assert_eq!(account.refreshes().await, 1);
}

#[tokio::test]
async fn without_analytics_there_is_a_catalogue_but_no_format() {
    let creator = Creator::new().await;
    let scope = |name: &str| format!("https://www.googleapis.com/auth/{name}");
    let account = Account::with_videos(20).await;
    let granted = json!({"scopes_granted": [scope("youtube.readonly"), scope("youtube.upload"), scope("youtube.force-ssl")]});
    account.change(&granted).await;
    let account = creator.user.connect(account).await;
    let channel = creator.synced(account.channel(), &["idle"]).await;
    assert_eq!(channel.json["sync"]["videos_synced"], 20);
    assert_eq!(
        channel.json["attention"][0]["code"],
        "permission_analytics_missing"
    );
    assert_eq!(
        creator.stack.count(&format!(
            "select count(format) from public.videos where channel_id = '{}'",
            account.channel()
        )),
        0
    );
}

fn expire(creator: &Creator, account: &Account) {
    creator.stack.sql(&format!(
        "update private.channel_credentials set access_token_expires_at = private.now() where channel_id = '{}'", account.channel()
    ));
}

#[tokio::test]
async fn a_channel_is_synchronised_six_times_an_hour_when_it_is_asked_for() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(2).await;
    let path = format!("/api/channels/{}/sync", account.channel());
    let ask = async || creator.user.api.post(&path, &json!({})).await;
    for _ in 0..6 {
        ask().await.status(202);
    }
    let refused = ask().await;
    assert_problem(&refused, 429, "rate_limited");
    assert!(
        refused.text("/detail").contains("Ask again after"),
        "{refused}"
    );
}
