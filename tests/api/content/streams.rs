//! Generation as a stream of events, and clients that go away.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::mark;
use crate::support::{Answer, SeededChannel, StandIn};

/// The events of a generation, each with its name and its data.
async fn stream(seeded: &SeededChannel, kind: &str, body: &Value) -> Vec<(String, Value)> {
    let request = seeded
        .user
        .api
        .request(Method::POST, &format!("/api/generate/{kind}/stream"))
        .json(body);
    let answer = Answer::of(request).await.status(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/event-stream"),
        "{answer}"
    );
    String::from_utf8(answer.body)
        .expect("UTF-8")
        .split("\n\n")
        .filter_map(|event| {
            let (name, data) = event.strip_prefix("event: ")?.split_once("\ndata: ")?;
            Some((name.to_owned(), serde_json::from_str(data).expect("JSON")))
        })
        .collect()
}

#[tokio::test]
async fn a_stream_tells_its_progress_and_ends_with_the_content() {
    let seeded = SeededChannel::with_catalogue().await;
    let body = json!({"channel_id": seeded.channel, "topic": "Stools", "target_seconds": 120});
    let events = stream(&seeded, "script", &body).await;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.first(), Some(&"started"));
    assert_eq!(names.last(), Some(&"content"));
    let characters: Vec<u64> = events
        .iter()
        .filter(|(_, data)| data["stage"] == "writing")
        .filter_map(|(_, data)| data["characters"].as_u64())
        .collect();
    assert!(
        characters.len() > 2 && characters.is_sorted(),
        "{characters:?}"
    );
    for (name, data) in &events {
        assert_eq!(data["type"], name.as_str());
    }
    let content = &events.last().expect("an event").1["content"];
    assert_eq!(content["id"], events[0].1["id"]);
    assert_eq!(content["state"], "draft");
    assert_eq!(content["cost_basis"], "reported");
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_a_problem_and_counts_what_it_may_have_cost() {
    let seeded = SeededChannel::with_catalogue().await;
    for (wish, code) in [
        ("cut_mid_stream", "generation_failed"),
        ("safety_last", "generation_blocked"),
        ("error_event", "upstream_unavailable"),
    ] {
        let mark = mark();
        StandIn::Gemini
            .fault(&json!({"body_contains": mark, "answer": wish, "times": 0}))
            .await;
        let body = json!({"channel_id": seeded.channel, "topic": mark});
        let events = stream(&seeded, "titles", &body).await;
        let (name, problem) = events.last().expect("an event");
        assert_eq!(
            (name.as_str(), problem["problem"]["code"].as_str()),
            ("problem", Some(code)),
            "{wish}"
        );
        let row = seeded
            .user
            .api
            .get(problem["problem"]["instance"].as_str().expect("a path"))
            .await
            .status(200);
        assert_eq!(row.json["state"], "failed");
        if wish == "cut_mid_stream" {
            assert_eq!(
                (&row.json["failure"]["code"], &row.json["cost_basis"]),
                (&json!("connection_lost"), &json!("assumed"))
            );
            let kept = seeded.stack.sql(&format!(
                "select raw <> '' from private.generation_calls where content_id = '{}'",
                row.id()
            ));
            assert_eq!(kept, "t", "what had come is kept");
        }
    }
    assert_eq!(seeded.usage("reserved_micros"), 0);
}

#[tokio::test]
async fn a_client_that_goes_away_finds_its_content_later() {
    let seeded = SeededChannel::with_catalogue().await;
    let mark = mark();
    StandIn::Gemini
        .fault(&json!({"body_contains": mark, "delay_ms": 1500}))
        .await;
    let gone = seeded
        .user
        .api
        .request(Method::POST, "/api/generate/ideas")
        .json(&json!({"channel_id": seeded.channel, "topic": mark}))
        .timeout(Duration::from_millis(700))
        .send()
        .await;
    assert!(gone.is_err_and(|error| error.is_timeout()));
    let path = format!("/api/content?channel_id={}", seeded.channel);
    let api = &seeded.user.api;
    api.until_field(&seeded.stack, &path, "/items/0/state", &["draft"])
        .await;
    assert_eq!(seeded.usage("reserved_micros"), 0);
}
