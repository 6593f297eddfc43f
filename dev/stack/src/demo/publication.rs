//! The stages that schedule the video and see it published at its slot.

use catalyst_cli::error::{Error, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answers::{StageResult, number, text, wait};
use super::console::{Line, thousands};
use crate::api_client::{Client, Progress};
use crate::controls;

pub(super) async fn schedule(
    user: &Client,
    channel: &str,
    content: &Value,
    rendered: &Value,
) -> StageResult {
    let slots = user
        .get(&format!("/api/schedule/slots?channel_id={channel}&count=1"))
        .await?;
    let slot = &slots["slots"][0];
    let upload = user
        .post(
            "/api/schedule",
            json!({
                "render_id": rendered["id"],
                "title": content["title"],
                "description": content["description"],
                "tags": content["tags"],
                "publish_at": slot["publish_at"],
                "time_zone": slots["time_zone"],
                "made_for_kids": false,
                "altered_content": false,
            }),
        )
        .await?;
    Ok((
        format!(
            "{} {}",
            upload["local_time"].as_str().unwrap_or("?"),
            upload["time_zone"].as_str().unwrap_or("?")
        ),
        json!({"id": upload["id"], "publish_at": upload["publish_at"], "local_time": upload["local_time"], "time_zone": upload["time_zone"]}),
    ))
}

/// `gateway` moves the stack's clock to the slot.
pub(super) async fn publish(
    user: &Client,
    gateway: &str,
    scheduled: &Value,
    line: &mut Line,
) -> StageResult {
    let id = text(scheduled, "/id")?;
    let path = format!("/api/schedule/{id}");
    wait(user, &path, line, |upload| match upload["state"].as_str() {
        Some("on_youtube") => Progress::Done,
        Some("published" | "failed" | "cancelled" | "needs_attention") => {
            Progress::Failed(reason(upload))
        }
        state => Progress::Pending(format!(
            "{}, {} of {} bytes are on YouTube",
            state.unwrap_or("?"),
            thousands(number(&upload["bytes_sent"])),
            upload["bytes_total"]
                .as_u64()
                .map_or_else(|| "?".into(), thousands)
        )),
    })
    .await?;
    line.progress("on YouTube as private; moving the stack's clock to the slot");
    pass(gateway, &text(scheduled, "/publish_at")?).await?;
    let upload = wait(user, &path, line, |upload| match upload["state"].as_str() {
        Some("published") => Progress::Done,
        Some("failed" | "cancelled" | "needs_attention") => Progress::Failed(reason(upload)),
        _ => Progress::Pending("the slot has come; checking that YouTube made it public".into()),
    })
    .await?;
    let video = text(&upload, "/youtube_video_id")?;
    let bytes = thousands(number(&upload["bytes_total"]));
    Ok((
        format!("{bytes} bytes, uploaded once; video {video} is public, by YouTube's own clock"),
        json!({"upload": {
            "id": id, "youtube_video_id": video, "state": upload["state"], "publish_at": upload["publish_at"],
            "bytes": upload["bytes_total"],
        }}),
    ))
}

/// Lets the time until two minutes after the slot pass for the stack and the stand-ins alike.
async fn pass(gateway: &str, slot: &str) -> Result {
    let slot: Timestamp = slot
        .parse()
        .map_err(|error: jiff::Error| Error::setup("publish_at is no time", error.to_string()))?;
    let ahead = slot.as_second() - Timestamp::now().as_second() + 120;
    controls::set(gateway, "clock", json!({"advance_seconds": ahead.max(0)})).await
}

fn reason(upload: &Value) -> String {
    format!(
        "{}: {} {}",
        upload["state"], upload["reason"], upload["next_action"]
    )
}
