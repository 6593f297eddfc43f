//! Catalogues, the channels made of them, and what is kept between two runs.

use std::{collections::BTreeSet, fs::File, path::Path, time::Instant};

use fakes::{
    CatalogRow, FakesOptions,
    Service::{Google, Youtube},
    generate_catalog, read_catalog, write_catalog,
};
use serde_json::{Value, json};

use crate::support::{ALL, Servers, creator, list, private, send, text};

fn made_up(videos: usize, seed: u64) -> Vec<CatalogRow> {
    generate_catalog(
        videos,
        seed,
        "2026-11-01T12:00:00Z".parse().expect("a time"),
    )
}

/// The titles on the first page of the uploads.
async fn newest_titles(servers: &Servers, token: &str) -> Vec<String> {
    let playlist = servers.uploads(token).await;
    let page = servers
        .playlist(token, &playlist, "part=snippet&maxResults=50")
        .await
        .json();
    let title = |item: &Value| text(&item["snippet"]["title"]).to_owned();
    list(&page["items"]).iter().map(title).collect()
}

#[test]
fn a_made_up_catalogue_is_stable_varied_and_has_outliers() {
    let rows = made_up(300, 7);
    assert_eq!(rows, made_up(300, 7));
    assert_ne!(rows, made_up(300, 8));
    assert!(rows.is_sorted_by(|a, b| a.published_at > b.published_at));
    let titles: BTreeSet<&str> = rows.iter().map(|row| row.title.as_str()).collect();
    assert!(titles.len() > 295, "{}", titles.len());
    let mut views: Vec<u64> = rows.iter().map(|row| row.views).collect();
    views.sort_unstable();
    assert!(views[299] > 8 * views[150]);
    assert!(rows.iter().any(|row| row.title.contains("#shorts")));
    assert!(rows.iter().any(|row| row.likes.is_none()));
}

#[test]
fn a_catalogue_is_read_as_it_was_written_and_a_bad_one_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("channel.csv");
    write_catalog(File::create(&file).expect("a file"), &made_up(30, 3)).expect("written");
    assert_eq!(read_catalog(&file).expect("read"), made_up(30, 3));
    let empty =
        "\u{feff} title ,other,published_at,views,likes,comments\nA,,2026-01-01T00:00:00Z,,,4\n";
    std::fs::write(&file, empty).expect("written");
    let rows = read_catalog(&file).expect("read");
    assert_eq!(
        (rows[0].views, rows[0].likes, rows[0].comments),
        (0, None, Some(4))
    );
    std::fs::write(&file, empty.replace(",4", ",many")).expect("written");
    let error = read_catalog(&file)
        .expect_err("`many` is no number")
        .to_string();
    assert!(error.contains("line: 2"), "{error}");
}

#[tokio::test]
async fn a_catalogue_from_a_file_becomes_the_channels_uploads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("channel.csv");
    let rows = made_up(30, 3);
    write_catalog(File::create(&file).expect("a file"), &rows).expect("written");
    let servers = Servers::start().await;
    let channel = json!({"title": "Filed", "catalog": file});
    let made = servers
        .account(json!({"account": "filed", "channel": channel}))
        .await;
    assert_eq!(made["channel"]["videos"], 30);
    let (token, _) = servers.connect("filed", ALL).await;
    assert_eq!(
        newest_titles(&servers, &token).await[0],
        rows[0].title,
        "the newest first"
    );
    let id = servers.upload_ids(&token).await.swap_remove(0);
    let video = servers
        .first_item(&token, format!("videos?part=statistics,snippet&id={id}"))
        .await;
    assert_eq!(video["statistics"]["viewCount"], rows[0].views.to_string());
    assert_eq!(video["snippet"]["publishedAt"], "2026-11-01T12:00:00Z");
}

#[tokio::test]
async fn a_real_channels_catalogue_is_served_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("../../../shared/data/channel-uploads.csv");
    if !file.exists() {
        // Kept outside the repository.
        return;
    }
    let rows = read_catalog(&file).expect("read");
    let options = FakesOptions {
        catalog: Some(file),
        ..FakesOptions::default()
    };
    let servers = Servers::start_with(options).await;
    let (token, _) = servers.connect("creator", ALL).await;
    let channel = servers
        .first_item(&token, "channels?part=statistics&mine=true")
        .await;
    assert_eq!(channel["statistics"]["videoCount"], rows.len().to_string());
    let views: u64 = rows.iter().map(|row| row.views).sum();
    assert_eq!(channel["statistics"]["viewCount"], views.to_string());
    for (title, row) in newest_titles(&servers, &token).await.iter().zip(&rows) {
        assert_eq!(*title, row.title);
    }
}

#[tokio::test]
async fn rows_can_be_given_and_a_channel_belongs_to_one_account() {
    let servers = Servers::start().await;
    let id = "UCrowed0000000000000000A";
    let rows = json!([{"title": "A", "published_at": "2026-01-01T00:00:00Z", "views": 5, "likes": null, "comments": 0}]);
    let account = json!({"account": "rowed", "channel": {"id": id, "rows": rows}});
    let made = servers.account(account).await;
    assert_eq!(
        (&made["channel"]["id"], &made["channel"]["videos"]),
        (&json!(id), &json!(1))
    );
    let other = json!({"account": "thief", "channel": {"id": id}});
    assert_eq!(servers.control(Google, "accounts", other).await.status, 400);
}

#[tokio::test]
async fn the_world_outlives_a_restart_where_there_is_a_folder_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = || {
        let state_dir = Some(folder.path().to_owned());
        Servers::start_with(FakesOptions {
            state_dir,
            ..FakesOptions::default()
        })
    };
    let servers = start().await;
    let (token, refresh) = servers.connect("creator", ALL).await;
    servers.upload(&token, &private("x")).await;
    servers.fakes.shutdown().await.expect("kept");
    let servers = start().await;
    let read = servers.youtube(&token, "channels?part=id&mine=true").await;
    assert_eq!(read.status, 200);
    assert_eq!(servers.refresh(&refresh).await.status, 200);
    assert_eq!(servers.created().await.len(), 1);
}

#[tokio::test]
async fn six_thousand_videos_are_read_quickly() {
    let servers = Servers::start().await;
    let channel = json!({"generated": {"videos": 6_500, "seed": 5}});
    servers
        .account(json!({"account": "large", "channel": channel}))
        .await;
    let (token, _) = servers.connect("large", ALL).await;
    let before = Instant::now();
    assert_eq!(servers.upload_ids(&token).await.len(), 6_500);
    let paged = before.elapsed();
    let report = format!(
        "{}/v2/reports?ids=channel==MINE&startDate=2025-01-01&endDate=2030-01-01&metrics=views,likes&dimensions=day",
        servers.urls.youtube
    );
    assert_eq!(
        send(servers.http.get(report).bearer_auth(&token))
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
async fn what_the_creator_does_by_hand_shows() {
    let (servers, token) = creator().await;
    let id = servers.upload_ids(&token).await.swap_remove(0);
    let change = json!({"id": id, "title": "By hand", "views": 7});
    assert_eq!(servers.control(Youtube, "videos", change).await.status, 200);
    let video = servers
        .first_item(&token, format!("videos?part=snippet,statistics&id={id}"))
        .await;
    assert_eq!(video["snippet"]["title"], "By hand");
    assert_eq!(video["statistics"]["viewCount"], "7");
    servers
        .control(Youtube, "videos", json!({"id": id, "delete": true}))
        .await;
    assert_ne!(servers.upload_ids(&token).await[0], id);
}
