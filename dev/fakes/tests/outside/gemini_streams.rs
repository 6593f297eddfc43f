//! Streams of the Generative Language API.

use std::time::Instant;

use fakes::Service::Gemini;
use serde_json::{Value, json};

use crate::{
    gemini::{MODEL, events, plain, words},
    support::{Servers, list},
};

#[tokio::test]
async fn errors_of_streams_may_come_in_an_array() {
    let servers = Servers::start().await;
    servers
        .fault(Gemini, json!({"error": "arrayWrapped"}))
        .await;
    let answer = servers.try_stream().await.expect("an answer");
    assert_eq!(answer.status, 429);
    assert_eq!(answer.json()[0]["error"]["code"], 429);
}

#[tokio::test]
async fn a_stream_is_data_lines_with_growing_usage_and_no_end_mark() {
    let servers = Servers::start().await;
    let answer = servers.try_stream().await.expect("an answer");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(!answer.text.contains("[DONE]"));
    let events = events(&answer.text);
    assert!(events.len() > 3);
    let whole: String = events.iter().map(words).collect();
    assert!(serde_json::from_str::<Value>(&whole).is_ok(), "{whole}");
    let total = |event: &Value| {
        event["usageMetadata"]["totalTokenCount"]
            .as_u64()
            .expect("a number")
    };
    let totals: Vec<u64> = events.iter().map(total).collect();
    assert!(totals.is_sorted() && totals.first() < totals.last());
    let is_end = |event: &Value| event["candidates"][0].get("finishReason").is_some();
    assert_eq!(events.iter().position(is_end), Some(events.len() - 1));
    assert_eq!(whole, words(&servers.generate(&plain()).await.json()));
}

#[tokio::test]
async fn streams_can_be_awkward_to_read() {
    let servers = Servers::start().await;
    for (kind, mark) in [
        ("crlf", "\r\n\r\n"),
        ("u2028", "\u{2028}"),
        ("comment", "\n\n: keep-alive\n\n"),
        // Whole again at the end.
        ("split_utf8", "é→"),
    ] {
        assert!(servers.streamed(kind).await.contains(mark), "{kind}");
    }
}

#[tokio::test]
async fn streams_can_break_in_the_middle() {
    let servers = Servers::start().await;
    servers
        .fault(Gemini, json!({"answer": "cut_mid_stream"}))
        .await;
    assert!(servers.try_stream().await.is_err());
    let closed = events(&servers.streamed("closed_early").await);
    assert!(
        closed
            .iter()
            .all(|event| event["candidates"][0].get("finishReason").is_none())
    );
    let failed = events(&servers.streamed("error_event").await);
    assert_eq!(failed[failed.len() - 1]["error"]["code"], 503);
    assert!(
        servers
            .streamed("bare_error")
            .await
            .contains("\n\n{\n  \"error\"")
    );
}

#[tokio::test]
async fn streams_can_be_blocked() {
    let servers = Servers::start().await;
    let safety = events(&servers.streamed("safety_last").await);
    assert_eq!(
        safety[safety.len() - 1]["candidates"][0]["finishReason"],
        "SAFETY"
    );
    assert_eq!(events(&servers.streamed("prompt_blocked").await).len(), 1);
}

#[tokio::test]
async fn without_sse_a_stream_is_an_array() {
    let servers = Servers::start().await;
    let answer = servers
        .ask_model(MODEL, "streamGenerateContent", &plain())
        .await;
    assert!(list(&answer.json()).len() > 3);
}

#[tokio::test]
async fn headers_and_chunks_can_be_slow() {
    let servers = Servers::start().await;
    let knobs = json!({"body_contains": "Honey", "header_delay_ms": 60, "chunk_delay_ms": 10});
    servers.knobs(Gemini, knobs).await;
    let before = Instant::now();
    let answer = servers.try_stream().await.expect("an answer");
    let least = 60 + 10 * (events(&answer.text).len() as u128 - 1);
    assert!(before.elapsed().as_millis() >= least);
}
