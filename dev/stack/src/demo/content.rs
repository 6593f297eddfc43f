//! The stage that writes ideas, titles, a script and a description, and approves each of them.

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};

use super::answers::{StageResult, text};
use super::console::Line;
use crate::api_client::Client;

pub(super) async fn generate(user: &Client, channel: &str, line: &mut Line) -> StageResult {
    let mut pieces: Vec<Value> = Vec::new();
    for (kind, request, item) in [
        ("ideas", json!({}), Some(0)),
        ("titles", json!({"source_item": 0}), Some(0)),
        (
            "script",
            json!({"source_item": 0, "target_seconds": 90}),
            None,
        ),
        ("description", json!({}), None),
    ] {
        line.progress(kind);
        let mut request = request;
        request["channel_id"] = channel.into();
        if let Some(source) = pieces.last() {
            request["source_id"] = source["id"].clone();
        }
        let written = user.post(&format!("/api/generate/{kind}"), request).await?;
        pieces.push(approve(user, &written, item).await?);
    }
    let [_, titles, script, description] = &pieces[..] else {
        return Err(Error::setup(
            "four pieces were to be written",
            format!("{pieces:?}"),
        ));
    };
    let title = text(titles, "/output/titles/0/title")?;
    let (inspired, first) = inspiration(script)?;
    let cost: i64 = pieces
        .iter()
        .filter_map(|piece| piece["cost_micros"].as_i64())
        .sum();
    Ok((
        format!(
            "“{title}”, inspired by {} videos, first “{first}”",
            inspired.len()
        ),
        json!({
            "script_id": script["id"], "title": title, "inspired_by": inspired,
            "description": description["output"]["description"], "tags": description["output"]["tags"],
            "cost_micros": cost,
        }),
    ))
}

/// The ids of the videos that inspired a script, and the title of the first.
fn inspiration(script: &Value) -> Result<(Vec<&Value>, &str)> {
    let videos = script["inspired_by"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let Some(first) = videos.first() else {
        return Err(Error::setup(
            "the script names no video that inspired it",
            "provenance is missing",
        ));
    };
    let ids = videos.iter().map(|video| &video["video_id"]).collect();
    Ok((ids, first["title"].as_str().unwrap_or("?")))
}

async fn approve(user: &Client, content: &Value, item: Option<u32>) -> Result<Value> {
    let mut body = json!({"decision": "approve", "content_hash": content["content_hash"]});
    if let Some(item) = item {
        body["item"] = item.into();
    }
    user.patch(&format!("/api/content/{}", text(content, "/id")?), body)
        .await
}
