//! The status of a render, and its file.

use fakes::Service::Revid;
use serde_json::{Value, json};

use crate::{
    revid::render,
    support::{Servers, send, text, try_send},
};

#[tokio::test]
async fn the_observed_dialect_builds_twice_and_is_ready() {
    let servers = Servers::start().await;
    let pid = servers.pid(&render("x")).await;
    for _ in 0..2 {
        let building = json!({"success": 1, "pid": pid, "status": "building"});
        assert_eq!(servers.status(&pid).await, building);
    }
    let ready = servers.status(&pid).await;
    assert_eq!(
        (&ready["status"], &ready["creditsConsumed"]),
        (&json!("ready"), &json!(10))
    );
    assert!(ready.get("progress").is_none());
    assert!(text(&ready["videoUrl"]).starts_with(&servers.urls.revid));
}

#[tokio::test]
async fn the_documented_dialect_queues_renders_and_is_ready() {
    let servers = Servers::start().await;
    servers.knobs(Revid, json!({"dialect": "documented"})).await;
    let pid = servers.pid(&render("x")).await;
    assert_eq!(servers.status(&pid).await["status"], "queued");
    let rendering = servers.status(&pid).await;
    assert_eq!(rendering["status"], "rendering");
    assert!(rendering["progress"].as_u64() > Some(0) && rendering.get("success").is_none());
    let ready = servers.status(&pid).await;
    assert_eq!(
        (&ready["progress"], &ready["creditsUsed"]),
        (&json!(100), &json!(10))
    );
    assert_eq!(ready["durationSeconds"], 38);
    assert!(ready["thumbnailUrl"].is_string());
}

#[tokio::test]
async fn odd_statuses_can_be_had() {
    let servers = Servers::start().await;
    let knobs = json!({"ready_without_url_polls": 1, "unknown_status": "exporting"});
    servers.knobs(Revid, knobs).await;
    let pid = servers.pid(&render("x")).await;
    for (status, has_url) in [
        ("building", false),
        ("exporting", false),
        ("building", false),
        ("ready", false),
        ("ready", true),
    ] {
        let shown = servers.status(&pid).await;
        assert_eq!(
            (text(&shown["status"]), shown["videoUrl"].is_string()),
            (status, has_url)
        );
    }
}

#[tokio::test]
async fn renders_fail_with_the_texts_of_the_service() {
    let servers = Servers::start().await;
    for (n, (status, field, reason)) in [
        ("failed", "error", "insufficient_credits"),
        ("error", "error", "scrape failed"),
        ("failed", "error", "script too long"),
        ("error", "error", "voice unavailable"),
        ("failed", "error", "nsfw content detected"),
        ("error", "error", "media generation timed out"),
        ("failed", "error", "Invalid media file"),
        ("FAILED", "message", "no luck"),
    ]
    .into_iter()
    .enumerate()
    {
        let mark = format!("render number {n}.");
        let outcome = format!("{status}:{reason}");
        let knobs = json!({"body_contains": mark, "outcome": outcome, "ready_after_seconds": 0});
        servers.knobs(Revid, knobs).await;
        let shown = servers.status(&servers.pid(&render(&mark)).await).await;
        assert_eq!(
            (text(&shown["status"]), text(&shown[field])),
            (status, reason)
        );
    }
}

#[tokio::test]
async fn an_unknown_pid_is_404_and_a_fresh_one_may_be_too() {
    let servers = Servers::start().await;
    assert_eq!(send(servers.poll("nobody")).await.status, 404);
    servers.knobs(Revid, json!({"not_found_polls": 1})).await;
    let pid = servers.pid(&render("x")).await;
    assert_eq!(send(servers.poll(&pid)).await.status, 404);
    assert_eq!(servers.status(&pid).await["status"], "building");
}

#[tokio::test]
async fn polls_fail_for_a_while_and_then_work() {
    let servers = Servers::start().await;
    let pid = servers.pid(&render("x")).await;
    let failing = |name: &str| json!({"operation": "render.status", "error": name});
    let cut = json!({"operation": "render.status", "cut": true});
    let faults = [
        failing("rateLimited"),
        failing("internal"),
        failing("html502"),
        cut,
    ];
    servers.fault(Revid, json!(faults)).await;
    for status in [429, 500, 502] {
        assert_eq!(send(servers.poll(&pid)).await.status, status);
    }
    assert!(try_send(servers.poll(&pid)).await.is_err());
    assert_eq!(servers.status(&pid).await["status"], "building");
}

#[tokio::test]
async fn a_stuck_job_builds_for_ever_and_others_end_with_time_alone() {
    let servers = Servers::start().await;
    servers
        .knobs(Revid, json!({"body_contains": "stuck", "outcome": "stuck"}))
        .await;
    let stuck = servers.pid(&render("stuck")).await;
    let slow = servers.pid(&render("slow")).await;
    servers.advance(181);
    assert_eq!(servers.status(&slow).await["status"], "ready");
    servers.advance(1_000_000);
    for _ in 0..5 {
        assert_eq!(servers.status(&stuck).await["status"], "building");
    }
}

/// The address of a finished render's file.
async fn file(servers: &Servers, text_of_render: &str, mut knobs: Value) -> String {
    knobs["body_contains"] = json!(text_of_render);
    knobs["ready_after_seconds"] = json!(0);
    servers.knobs(Revid, knobs).await;
    let pid = servers.pid(&render(text_of_render)).await;
    text(&servers.status(&pid).await["videoUrl"]).to_owned()
}

/// The status, the length that was announced, and the bytes.
async fn get(servers: &Servers, url: &str, range: &str) -> (u16, Option<String>, Vec<u8>) {
    let request = servers.http.get(url).header("range", range);
    let response = request.send().await.expect("an answer");
    let length = response.headers().get("content-length");
    let length = length
        .and_then(|length| length.to_str().ok())
        .map(str::to_owned);
    (
        response.status().as_u16(),
        length,
        response.bytes().await.expect("a body").to_vec(),
    )
}

#[tokio::test]
async fn the_file_can_be_had_whole_and_in_parts() {
    let servers = Servers::start().await;
    let url = file(&servers, "good file", json!({"file_bytes": 300_000})).await;
    let (status, length, whole) = get(&servers, &url, "none").await;
    assert_eq!(
        (status, length.as_deref(), whole.len()),
        (200, Some("300000"), 300_000)
    );
    assert_eq!(&whole[4..8], b"ftyp");
    let (status, _, part) = get(&servers, &url, "bytes=100000-199999").await;
    assert_eq!((status, part.as_slice()), (206, &whole[100_000..200_000]));
}

#[tokio::test]
async fn the_file_can_be_bad_in_several_ways() {
    let servers = Servers::start().await;
    let knobs = json!({"file": "no_length", "file_bytes": 70_000});
    let url = file(&servers, "unsized file", knobs).await;
    let (_, length, bytes) = get(&servers, &url, "none").await;
    assert_eq!((length, bytes.len()), (None, 70_000));
    let html = servers
        .get(file(&servers, "html file", json!({"file": "html"})).await)
        .await;
    assert_eq!(html.status, 200);
    assert!(
        html.header("content-type")
            .is_some_and(|mime| mime.starts_with("text/html"))
    );
    let url = file(&servers, "old file", json!({"file_life_seconds": 60})).await;
    assert_eq!(get(&servers, &url, "none").await.0, 200);
    servers.advance(61);
    assert_eq!(get(&servers, &url, "none").await.0, 403);
    let url = file(
        &servers,
        "huge file",
        json!({"file_bytes": 5_000_000_000_u64}),
    )
    .await;
    let huge = send(servers.http.head(url)).await;
    assert_eq!(huge.header("content-length"), Some("5000000000"));
}
