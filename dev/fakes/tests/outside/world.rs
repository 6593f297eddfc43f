//! What all servers share: the clock, faults, calls, catalogues, and what is kept between two runs.

use std::time::Instant;

use fakes::{Clock, Fakes, FakesOptions, generate_catalog, read_catalog, write_catalog};
use serde_json::{Value, json};

use crate::support::{ALL, Stand, send, try_send};

#[tokio::test]
async fn one_clock_moves_all_servers() {
    let stand = Stand::start().await;
    stand
        .post(
            format!("{}/_control/clock", stand.urls.slack),
            json!({"advance_seconds": 3_600}),
        )
        .await;
    for base in [
        &stand.urls.google,
        &stand.urls.youtube,
        &stand.urls.gemini,
        &stand.urls.revid,
    ] {
        let offset = send(stand.http.get(format!("{base}/_control/clock")))
            .await
            .json()["offset_seconds"]
            .clone();
        assert_eq!(offset.as_f64(), Some(3_600.0));
    }
}

#[tokio::test]
async fn a_fault_strikes_at_the_nth_call_for_as_often_as_told_and_only_where_told() {
    let stand = Stand::start().await;
    stand.account(json!({"account": "other"})).await;
    let (mine, _) = stand.connect("creator", ALL).await;
    let (theirs, _) = stand.connect("other", ALL).await;
    stand.fault(&stand.urls.youtube, json!({"path": "/youtube/v3/*", "method": "get", "account": "creator", "nth": 2, "times": 2, "status": 503})).await;
    let read = async |token: &str| {
        stand
            .youtube(token, "channels?part=id&mine=true")
            .await
            .status
    };
    assert_eq!(read(&theirs).await, 200);
    assert_eq!(
        [
            read(&mine).await,
            read(&mine).await,
            read(&mine).await,
            read(&mine).await
        ],
        [200, 503, 503, 200]
    );
    let list = send(
        stand
            .http
            .get(format!("{}/_control/faults", stand.urls.youtube)),
    )
    .await
    .json();
    assert_eq!(
        (list[0]["matched"].as_u64(), list[0]["hit"].as_u64()),
        (Some(4), Some(2))
    );
}

#[tokio::test]
async fn chance_has_a_seed_and_faults_can_be_disarmed() {
    let stand = Stand::start().await;
    let rolls = async || {
        stand
            .fault(
                &stand.urls.slack,
                json!({"chance": 0.5, "seed": 9, "times": 0, "status": 500}),
            )
            .await;
        let mut seen = Vec::new();
        for _ in 0..20 {
            seen.push(
                stand
                    .post(stand.urls.slack.clone(), json!({"text": "hello"}))
                    .await
                    .status,
            );
        }
        send(
            stand
                .http
                .delete(format!("{}/_control/faults", stand.urls.slack)),
        )
        .await;
        seen
    };
    let first = rolls().await;
    assert!(first.contains(&200) && first.contains(&500));
    assert_eq!(first, rolls().await);
    assert_eq!(
        stand
            .post(stand.urls.slack.clone(), json!({"text": "hello"}))
            .await
            .text,
        "ok"
    );
}

#[tokio::test]
async fn a_connection_cut_before_has_no_effect_and_after_it_has_one() {
    let stand = Stand::start().await;
    stand
        .fault(
            &stand.urls.slack,
            json!([{"cut": true, "when": "before"}, {"cut": true, "when": "after"}]),
        )
        .await;
    let count = async || stand.state(&stand.urls.slack).await["count"].clone();
    let post = || {
        try_send(
            stand
                .http
                .post(&stand.urls.slack)
                .json(&json!({"text": "hello"})),
        )
    };
    assert!(post().await.is_err());
    assert_eq!(count().await, 0);
    assert!(post().await.is_err());
    assert_eq!(count().await, 1);
    let calls = send(
        stand
            .http
            .get(format!("{}/_control/calls", stand.urls.slack)),
    )
    .await
    .json();
    assert_eq!(calls["calls"][0]["status"], Value::Null);
}

#[tokio::test]
async fn calls_are_listed_without_tokens() {
    let stand = Stand::start().await;
    let (token, refresh) = stand.connect("creator", ALL).await;
    stand.session(&token, 10).await;
    stand.youtube(&token, "channels?part=id&mine=true").await;
    let calls = send(stand.http.get(format!(
        "{}/_control/calls?account=creator",
        stand.urls.youtube
    )))
    .await;
    assert_eq!(calls.json()["count"], 2);
    assert_eq!(calls.json()["calls"][1]["query"]["part"], "id");
    let inserts = send(stand.http.get(format!(
        "{}/_control/calls?operation=videos.insert",
        stand.urls.youtube
    )))
    .await
    .json();
    assert_eq!(inserts["count"], 1);
    let google = send(
        stand
            .http
            .get(format!("{}/_control/calls", stand.urls.google)),
    )
    .await
    .text;
    for secret in [&token, &refresh] {
        assert!(!calls.text.contains(secret.as_str()) && !google.contains(secret.as_str()));
    }
}

#[tokio::test]
async fn unknown_controls_and_knobs_are_refused() {
    let stand = Stand::start().await;
    for (path, body) in [
        ("knobs", json!({"nonsense": 1})),
        ("knobs", json!({"final_status": "x"})),
        ("faults", json!({"sttaus": 500})),
        ("clock", json!({"by": 1})),
    ] {
        assert_eq!(
            stand
                .post(format!("{}/_control/{path}", stand.urls.youtube), body)
                .await
                .status,
            400
        );
    }
    assert_eq!(
        stand
            .post(
                format!("{}/_control/nonsense", stand.urls.youtube),
                json!({})
            )
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_catalogue_from_a_file_becomes_the_channels_uploads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("channel.csv");
    let rows = generate_catalog(30, 3, "2026-11-01T12:00:00Z".parse().expect("a time"));
    write_catalog(std::fs::File::create(&file).expect("a file"), &rows).expect("written");
    let read = read_catalog(&file).expect("read");
    assert_eq!(read.len(), 30);
    assert_eq!(read[4].title, rows[4].title);
    let stand = Stand::start().await;
    let made = stand
        .account(json!({"account": "filed", "channel": {"title": "Filed", "catalog": file}}))
        .await;
    assert_eq!(made["channel"]["videos"], 30);
    let (token, _) = stand.connect("filed", ALL).await;
    let playlist = made["channel"]["uploads"].as_str().unwrap_or_default();
    let page = stand
        .youtube(
            &token,
            &format!("playlistItems?part=snippet&playlistId={playlist}&maxResults=50"),
        )
        .await
        .json();
    assert_eq!(
        page["items"][0]["snippet"]["title"], rows[0].title,
        "the newest first"
    );
    let id = page["items"][0]["snippet"]["resourceId"]["videoId"]
        .as_str()
        .unwrap_or_default();
    let video = stand
        .youtube(&token, &format!("videos?part=statistics,snippet&id={id}"))
        .await
        .json()["items"][0]
        .clone();
    assert_eq!(video["statistics"]["viewCount"], rows[0].views.to_string());
    assert_eq!(video["snippet"]["publishedAt"], "2026-11-01T12:00:00Z");
}

#[tokio::test]
async fn a_real_channels_catalogue_is_served_whole() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/channel-uploads.csv");
    if !file.exists() {
        // Kept outside the repository.
        return;
    }
    let rows = read_catalog(&file).expect("read");
    let options = FakesOptions {
        catalog: Some(file),
        ..FakesOptions::default()
    };
    let fakes = Fakes::start(options).await.expect("started");
    let stand = Stand {
        urls: fakes.urls(),
        clock: fakes.clock(),
        http: fakes::http_client().expect("a client"),
        fakes,
    };
    let (token, _) = stand.connect("creator", ALL).await;
    let channel = stand
        .youtube(&token, "channels?part=statistics,contentDetails&mine=true")
        .await
        .json()["items"][0]
        .clone();
    assert_eq!(channel["statistics"]["videoCount"], rows.len().to_string());
    let views: u64 = rows.iter().map(|row| row.views).sum();
    assert_eq!(channel["statistics"]["viewCount"], views.to_string());
    let playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
        .as_str()
        .unwrap_or_default();
    let page = stand
        .youtube(
            &token,
            &format!("playlistItems?part=snippet&playlistId={playlist}&maxResults=50"),
        )
        .await
        .json();
    for (item, row) in page["items"].as_array().expect("items").iter().zip(&rows) {
        assert_eq!(item["snippet"]["title"], row.title);
    }
}

#[tokio::test]
async fn rows_can_be_given_and_a_channel_belongs_to_one_account() {
    let stand = Stand::start().await;
    let rows = json!([{"title": "A", "published_at": "2026-01-01T00:00:00Z", "views": 5, "likes": null, "comments": 0}]);
    let made = stand.account(json!({"account": "rowed", "channel": {"id": "UCrowed0000000000000000A", "rows": rows}})).await;
    assert_eq!(
        (&made["channel"]["id"], &made["channel"]["videos"]),
        (&json!("UCrowed0000000000000000A"), &json!(1))
    );
    let other = json!({"account": "thief", "channel": {"id": "UCrowed0000000000000000A"}});
    assert_eq!(
        stand
            .post(format!("{}/_control/accounts", stand.urls.google), other)
            .await
            .status,
        400
    );
}

#[test]
fn a_made_up_catalogue_is_stable_varied_and_has_outliers() {
    let newest = "2026-11-01T12:00:00Z".parse().expect("a time");
    let rows = generate_catalog(300, 7, newest);
    assert_eq!(rows, generate_catalog(300, 7, newest));
    assert_ne!(rows, generate_catalog(300, 8, newest));
    assert!(
        rows.windows(2)
            .all(|pair| pair[0].published_at > pair[1].published_at)
    );
    let titles: std::collections::BTreeSet<&str> =
        rows.iter().map(|row| row.title.as_str()).collect();
    assert!(titles.len() > 295, "{}", titles.len());
    let mut views: Vec<u64> = rows.iter().map(|row| row.views).collect();
    views.sort_unstable();
    assert!(views[299] > 8 * views[150]);
    assert!(
        rows.iter().any(|row| row.title.contains("#shorts"))
            && rows.iter().any(|row| row.likes.is_none())
    );
}

#[tokio::test]
async fn the_world_outlives_a_restart_where_there_is_a_folder_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = async || {
        let options = FakesOptions {
            state_dir: Some(folder.path().to_owned()),
            clock: Clock::new(),
            ..FakesOptions::default()
        };
        let fakes = Fakes::start(options).await.expect("started");
        let urls = fakes.urls();
        Stand {
            urls,
            clock: fakes.clock(),
            http: fakes::http_client().expect("a client"),
            fakes,
        }
    };
    let stand = start().await;
    let (token, refresh) = stand.connect("creator", ALL).await;
    let uri = stand.session(&token, 1_000).await;
    send(stand.put(&token, &uri, &crate::support::bytes(1_000), 0, 1_000)).await;
    stand.fakes.shutdown().await.expect("kept");
    let stand = start().await;
    assert_eq!(
        stand
            .youtube(&token, "channels?part=id&mine=true")
            .await
            .status,
        200
    );
    let answer = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        stand.state(&stand.urls.youtube).await["videos_created"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn six_thousand_videos_are_read_quickly() {
    let stand = Stand::start().await;
    let made = stand
        .account(
            json!({"account": "large", "channel": {"generated": {"videos": 6_500, "seed": 5}}}),
        )
        .await;
    let (token, _) = stand.connect("large", ALL).await;
    let playlist = made["channel"]["uploads"].as_str().unwrap_or_default();
    let before = Instant::now();
    let (mut page, mut seen) = (String::new(), 0);
    loop {
        let body = stand.youtube(&token, &format!("playlistItems?part=contentDetails&playlistId={playlist}&maxResults=50&pageToken={page}")).await.json();
        seen += body["items"].as_array().map_or(0, Vec::len);
        match body["nextPageToken"].as_str() {
            Some(next) => page = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, 6_500);
    let paged = before.elapsed();
    let report = format!(
        "{}/v2/reports?ids=channel==MINE&startDate=2025-01-01&endDate=2030-01-01&metrics=views,likes&dimensions=day",
        stand.urls.youtube
    );
    assert_eq!(
        send(stand.http.get(report).bearer_auth(&token))
            .await
            .status,
        200
    );
    assert!(
        before.elapsed().as_secs() < 8,
        "{paged:?} {:?}",
        before.elapsed()
    );
}

#[tokio::test]
async fn slack_keeps_messages_and_refuses_what_is_none() {
    let stand = Stand::start().await;
    assert_eq!(
        stand
            .post(
                format!("{}/services/T/B/x", stand.urls.slack),
                json!({"text": "down"})
            )
            .await
            .text,
        "ok"
    );
    assert_eq!(
        stand
            .post(stand.urls.slack.clone(), json!({"foo": 1}))
            .await
            .status,
        400
    );
    let state = stand.state(&stand.urls.slack).await;
    assert_eq!(
        (
            state["count"].as_u64(),
            &state["messages"][0]["body"]["text"]
        ),
        (Some(1), &json!("down"))
    );
}
