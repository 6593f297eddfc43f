//! People's rights over HTTP: taking everything out, being erased. `supabase/tests/70_rights_test.sql` enumerates the tables.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Creator, Stack, assert_problem, assert_problem_at};

/// A take-out, line by line.
async fn export(creator: &Creator) -> Vec<Value> {
    let response = creator
        .user
        .api
        .request(Method::GET, "/api/me/export")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let name = response.headers()["content-disposition"]
        .to_str()
        .expect("ASCII");
    assert!(
        name.starts_with("attachment; filename=\"content-catalyst-export-20")
            && name.ends_with(".ndjson\""),
        "{name}"
    );
    let text = response.text().await.expect("a whole body");
    assert!(!text.contains("\"v1."), "ciphertext is no use to anybody");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let head = &lines.first().expect("a head")["export"];
    assert_eq!(head["format"], "content-catalyst-export/1");
    assert_eq!(head["user_id"], creator.user.id.to_string());
    let end = &lines.last().expect("an end")["end"];
    assert_eq!(end["complete"], true, "{end}");
    let rows = &lines[1..lines.len() - 1];
    let mut counted: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        *counted
            .entry(row["table"].as_str().expect("a table"))
            .or_default() += 1;
    }
    assert_eq!(json!(counted), end["rows"], "the end counts the rows");
    rows.to_vec()
}

fn rows<'a>(export: &'a [Value], table: &str) -> Vec<&'a Value> {
    export
        .iter()
        .filter(|line| line["table"] == table)
        .map(|line| &line["row"])
        .collect()
}

#[tokio::test]
async fn an_export_holds_what_is_stored_and_nothing_of_others() {
    let creator = Creator::new().await;
    let other = Creator::new().await;
    let account = creator.connect_and_sync(20).await;
    let changed = json!({"display_name": "Ada", "time_zone": "Asia/Kathmandu"});
    creator.user.api.patch("/api/me", &changed).await.ok();

    let taken = export(&creator).await;
    let channel = account.channel();
    assert_eq!(rows(&taken, "account")[0]["email"], creator.user.email);
    assert_eq!(rows(&taken, "profile")[0]["display_name"], "Ada");
    assert_eq!(rows(&taken, "memberships")[0]["role"], "owner");
    assert_eq!(rows(&taken, "channels")[0]["id"], channel.to_string());
    assert_eq!(rows(&taken, "videos").len(), 20);
    for (table, relation) in [
        ("snapshots", "public.video_snapshots"),
        ("content_catalyst_scores", "public.performance_scores"),
    ] {
        let stored = creator.stack.count(&format!(
            "select count(*) from {relation} where channel_id = '{channel}'"
        ));
        let found = i64::try_from(rows(&taken, table).len()).expect("a count");
        assert!(
            found <= stored && found > 0,
            "{table}: {found} of {stored}, which may be growing"
        );
    }
    let connection = rows(&taken, "connections")[0];
    assert!(
        connection["granted_scopes"]
            .as_array()
            .is_some_and(|s| !s.is_empty())
    );
    assert!(connection.get("refresh_token").is_none() && connection.get("access_token").is_none());
    assert!(
        rows(&taken, "log")
            .iter()
            .any(|line| line["event_type"] == "channel.connected")
    );

    let theirs = export(&other).await;
    let text = json!(theirs).to_string();
    for foreign in [
        channel.to_string(),
        creator.user.id.to_string(),
        account.youtube_channel_id.clone(),
    ] {
        assert!(!text.contains(&foreign), "{foreign}");
    }
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let creator = Creator::new().await;
    // Not base64; a list; a position that is none; a key that fits no column.
    for cursor in [
        "%C3%A4",
        "W10",
        "eyJwb3NpdGlvbiI6IngifQ",
        "eyJwb3NpdGlvbiI6NzAsImNoYW5uZWwiOm51bGwsImtleSI6WyJ4IiwieSJdfQ",
    ] {
        let path = format!("/api/me/export?cursor={cursor}");
        let answer = creator.user.api.get(&path).await;
        assert_problem_at(&answer, 400, "invalid_query", "?cursor");
    }
}

/// How much memory the processes of a function have needed at most, in kilobytes.
fn peak_memory(stack: &Stack, function: &str) -> u64 {
    stack
        .processes(|name| name == function)
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path.join("status")).ok())
        .filter_map(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        })
        .max()
        .expect("a running function")
}

/// `EXPORT_VIDEOS=6557 EXPORT_SNAPSHOTS=50` makes it a large channel.
#[tokio::test]
async fn case_s09_a_large_seeded_channel_is_exported_whole_in_little_memory() {
    let creator = Creator::new().await;
    let number = |name: &str, default: usize| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let videos = number("EXPORT_VIDEOS", 600);
    let snapshots = number("EXPORT_SNAPSHOTS", 40);
    creator.user.api.get("/api/me").await.ok();
    let channel = creator.stack.seeded_channel(creator.user.id);
    let _channel = creator.stack.sql_on_drop(format!(
        "delete from public.channels where id = '{channel}'"
    ));
    creator.stack.sql(&format!(
        "update public.channels set state = 'disconnected', state_reason = 'grant_revoked' where id = '{channel}';
         insert into public.videos (channel_id, youtube_video_id, title, description)
           select '{channel}', 'v' || n, 'Video ' || n, repeat('What it is about. ', 100) from generate_series(1, {videos}) n;
         insert into public.video_snapshots (video_id, channel_id, basis, observed_at, age_hours, views)
           select v.id, '{channel}', 'public_views', '2025-01-01'::timestamptz + make_interval(hours => n), n, n * 10
           from public.videos v, generate_series(1, {snapshots}) n where v.channel_id = '{channel}'"
    ));
    let begun = Instant::now();
    let mut response = creator
        .user
        .api
        .request(Method::GET, "/api/me/export")
        .timeout(Duration::from_secs(280))
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    let first = begun.elapsed();
    let (mut bytes, mut tail) = (0, Vec::new());
    while let Some(piece) = response.chunk().await.expect("a whole body") {
        bytes += piece.len();
        tail.extend_from_slice(&piece);
        let keep = tail.len().saturating_sub(4096);
        tail.drain(..keep);
    }
    let took = begun.elapsed();
    let peak = peak_memory(&creator.stack, "api_me");
    let tail = String::from_utf8_lossy(&tail).into_owned();
    let end: Value = serde_json::from_str(tail.trim_end().rsplit('\n').next().expect("a line"))
        .expect("the end is JSON");
    assert_eq!(end["end"]["complete"], true, "{end}");
    assert_eq!(end["end"]["rows"]["videos"], videos, "{end}");
    assert_eq!(end["end"]["rows"]["snapshots"], videos * snapshots, "{end}");
    println!(
        "{videos} videos, {} snapshots: {bytes} bytes in {took:?}, the first after {first:?}; the function needed {peak} kB at most",
        videos * snapshots
    );
    // The file may have any size; a function does not.
    assert!(peak < 96 * 1024, "{peak} kB");
}

#[tokio::test]
async fn an_erased_user_is_mentioned_nowhere_in_the_database() {
    let creator = Creator::new().await;
    let bystander = Creator::new().await;
    let kept = bystander.user.connect_channel(3).await;
    let account = creator.user.connect_channel(20).await;
    let channel = account.channel();
    creator.synced(channel, &["idle"]).await;
    let path = format!("/api/channels/{channel}/sync");
    let key = Uuid::new_v4().to_string();
    creator
        .user
        .api
        .post_once(&path, &key, &json!({}))
        .await
        .status(202);
    creator
        .user
        .api
        .post("/api/schedule/calendar", &json!({}))
        .await
        .status(201);
    creator.user.begin_consent(&json!({})).await;
    let mut ids: Vec<String> = creator
        .stack
        .sql(&format!(
            "select id from public.videos where channel_id = '{channel}'"
        ))
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(ids.len(), 20);
    ids.extend([
        creator.user.id.to_string(),
        creator.user.email.clone(),
        channel.to_string(),
        account.youtube_channel_id.clone(),
    ]);
    let before = creator.mentions(&ids);
    assert!(before.lines().count() > 12, "{before}");

    let answer = creator.user.api.delete("/api/me").await;
    assert!(matches!(answer.status, 202 | 204), "{answer}");
    creator.until_unmentioned(&ids).await;
    assert_eq!(account.live_grants().await, 0);
    let gone = creator.user.api.get("/api/me").await;
    assert_problem(&gone, 401, "token_invalid");
    // The token still verifies; asking with it makes nothing anew.
    assert_eq!(creator.mentions(&ids), "");
    let path = format!("/api/channels/{}", kept.channel());
    bystander.user.api.get(&path).await.status(200);
}

#[tokio::test]
async fn a_disconnected_channel_is_mentioned_nowhere_in_the_database() {
    let creator = Creator::new().await;
    let account = creator.user.connect_channel(5).await;
    let channel = account.channel();
    creator.synced(channel, &["idle"]).await;
    let path = format!("/api/channels/{channel}");
    let answer = creator.user.api.delete(&path).await;
    assert!(matches!(answer.status, 202 | 204), "{answer}");
    let ids = [channel.to_string(), account.youtube_channel_id.clone()];
    creator.until_unmentioned(&ids).await;
    assert_eq!(account.live_grants().await, 0);
    creator.user.api.get("/api/me").await.status(200);
}
