//! Streamed answers.

use std::{convert::Infallible, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde_json::{Value, json};

use super::candidate::ratings;
use super::errors::refused;
use super::generate::generate;
use super::models::Model;
use super::prompt::tokens;
use super::store::Settings;
use crate::{Call, Failure, FaultEffect, World, json_response, text_response};

pub(crate) fn stream(
    world: &World,
    call: &Call,
    model: &Model,
    settings: &Settings,
) -> Result<Response, Failure> {
    // Before the first byte an error may come wrapped in an array.
    let whole = generate(world, call, model, settings, true)
        .map_err(|failure| Failure::new(failure.status, json!([failure.body])))?;
    let chunks = split(&whole, settings.chunk_chars.max(1));
    if call.head.param("alt") != Some("sse") {
        return Ok(json_response(200, &Value::Array(chunks)));
    }
    let pieces = frames(&chunks, &call.effect);
    let delay = call.effect.field("chunk_delay_ms").and_then(Value::as_u64);
    let delay = Duration::from_millis(delay.unwrap_or(settings.chunk_delay_ms));
    let cut = call.effect.kind() == Some("cut_mid_stream");
    let connection = call.head.connection.clone();
    let pieces = unfold(pieces.into_iter().enumerate(), move |mut pieces| {
        let connection = connection.clone();
        async move {
            let Some((n, piece)) = pieces.next() else {
                if cut {
                    connection.cut();
                }
                return None;
            };
            if delay.is_zero() || n == 0 {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(delay).await;
            }
            Some((Ok::<_, Infallible>(piece), pieces))
        }
    });
    Ok(text_response(
        200,
        "text/event-stream",
        Body::from_stream(pieces),
    ))
}

/// Splits a whole answer into chunks with growing usage; only the last one says why it ended.
fn split(whole: &Value, chars: usize) -> Vec<Value> {
    let Some(candidate) = whole.pointer("/candidates/0") else {
        return vec![whole.clone()];
    };
    let count = |name: &str| whole["usageMetadata"][name].as_u64().unwrap_or(0);
    let (prompt, thoughts) = (count("promptTokenCount"), count("thoughtsTokenCount"));
    let chunk = |part: Value, sent: u64| {
        json!({
            "candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}],
            "usageMetadata": {"promptTokenCount": prompt, "thoughtsTokenCount": thoughts, "totalTokenCount": prompt + thoughts + sent},
            "modelVersion": whole["modelVersion"], "responseId": whole["responseId"],
        })
    };
    let signature = json!({"text": "", "thoughtSignature": "c2lnbmF0dXJl"});
    let mut chunks = vec![chunk(signature, 0)];
    if let Some(feedback) = whole.get("promptFeedback") {
        chunks[0]["promptFeedback"] = feedback.clone();
    }
    let mut sent = 0;
    for piece in spoken(candidate).chunks(chars) {
        let piece: String = piece.iter().collect();
        sent += tokens(&piece);
        let mut chunk = chunk(json!({"text": piece}), sent);
        chunk["usageMetadata"]["candidatesTokenCount"] = json!(sent);
        chunks.push(chunk);
    }
    if let Some(last) = chunks.last_mut() {
        for name in ["finishReason", "safetyRatings"] {
            if let Some(value) = candidate.get(name) {
                last["candidates"][0][name] = value.clone();
            }
        }
        if let Some(usage) = whole.get("usageMetadata") {
            last["usageMetadata"] = usage.clone();
        }
    }
    chunks
}

/// The text of a candidate without its thoughts.
fn spoken(candidate: &Value) -> Vec<char> {
    let parts = candidate["content"]["parts"]
        .as_array()
        .into_iter()
        .flatten();
    let spoken = parts.filter(|part| part["thought"] != true);
    spoken
        .filter_map(|part| part["text"].as_str())
        .flat_map(str::chars)
        .collect()
}

/// Chunks as they go over the wire.
fn frames(chunks: &[Value], effect: &FaultEffect) -> Vec<Bytes> {
    let kind = effect.kind().unwrap_or_default();
    let end = if kind == "crlf" { "\r\n\r\n" } else { "\n\n" };
    let frame = |chunk: &Value| format!("data: {chunk}{end}");
    let half = (chunks.len() / 2).max(1);
    let keep = match kind {
        "cut_mid_stream" | "closed_early" | "error_event" | "bare_error" => half,
        _ => chunks.len(),
    };
    let mut texts: Vec<String> = chunks.iter().take(keep).map(frame).collect();
    let error = refused("overloaded").body;
    match kind {
        "error_event" => texts.push(frame(&error)),
        "bare_error" => texts.push(format!("{error:#}")),
        "comment" => texts.insert(1.min(texts.len()), format!(": keep-alive{end}")),
        "safety_last" => {
            if let (Some(text), Some(last)) = (texts.last_mut(), chunks.last()) {
                let mut last = last.clone();
                last["candidates"][0] = json!({"index": 0, "finishReason": "SAFETY", "safetyRatings": ratings(Some("HARASSMENT"))});
                *text = frame(&last);
            }
        }
        "u2028" => {
            for text in &mut texts {
                *text = text.replacen("\"text\":\"", "\"text\":\"\u{2028}", 1);
            }
        }
        "split_utf8" => return split_characters(&texts.concat()),
        _ => {}
    }
    texts.into_iter().map(Bytes::from).collect()
}

/// Sends every byte that starts a character of several apart from the rest of it.
fn split_characters(text: &str) -> Vec<Bytes> {
    let text = text.replacen("\"text\":\"", "\"text\":\"é→", 2);
    let pieces = text.as_bytes().split_inclusive(|byte| *byte >= 0xc0);
    pieces.map(Bytes::copy_from_slice).collect()
}
