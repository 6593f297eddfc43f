//! The stages of the loop. Each tells the person at the prompt what it found, and the report.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::console::{Line, millis, thousands};
use crate::api_client::{self, Client, Progress};
use crate::controls;

/// The channel's own time zone in the demo.
pub(super) const ZONE: &str = "Europe/Berlin";
/// No stage may take longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a state is asked for: less often than the limit of reads, 100 a minute.
const POLL_EVERY: Duration = Duration::from_millis(700);

/// What a stage tells the person at the prompt, and what goes into the report.
pub(super) type StageResult = Result<(String, Value)>;

/// Reads `path` until `look` says that it is done, and shows how far it is.
async fn wait(
    user: &Client,
    path: &str,
    line: &mut Line,
    look: impl Fn(&Value) -> Progress,
) -> Result<Value> {
    let shown = |value: &Value| {
        let progress = look(value);
        if let Progress::Pending(state) = &progress {
            line.progress(state);
        }
        progress
    };
    user.wait(path, PATIENCE, POLL_EVERY, shown).await
}

/// A text of an answer.
pub(super) fn text(value: &Value, pointer: &str) -> Result<String> {
    let text = value
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(ToOwned::to_owned);
    text.ok_or_else(|| Error::setup(format!("the answer has no {pointer}"), value.to_string()))
}

/// A number of an answer, as a person reads it.
pub(super) fn count(value: &Value) -> String {
    thousands(number(value))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

pub(super) async fn connect(user: &Client, account: &str) -> StageResult {
    let id = user.connect(account).await?;
    let channel: Value = user.get(&format!("/api/channels/{id}")).await?;
    let title = text(&channel, "/title")?;
    Ok((
        format!("“{title}”, through Google's consent with PKCE"),
        json!({"channel_id": id, "youtube_channel_id": channel["youtube_channel_id"], "title": title}),
    ))
}

pub(super) async fn sync(user: &Client, channel: &str, line: &mut Line) -> StageResult {
    let path = format!("/api/channels/{channel}");
    let slots = json!([{"weekday": 2, "time": "18:00"}, {"weekday": 5, "time": "18:00"}]);
    user.patch(&path, json!({"time_zone": ZONE, "posting_slots": slots}))
        .await?;
    let began = Instant::now();
    user.post(&format!("{path}/sync"), json!({})).await?;
    let channel = wait(user, &path, line, |channel| {
        let sync = &channel["sync"];
        match sync["state"].as_str() {
            Some("idle") => Progress::Done,
            Some("failed") => Progress::Failed(sync["reason"].to_string()),
            _ => {
                let (synced, found) = (count(&sync["videos_synced"]), count(&sync["videos_found"]));
                Progress::Pending(format!("{synced} of {found} videos"))
            }
        }
    })
    .await?;
    let videos = number(&channel["sync"]["videos_synced"]);
    Ok((
        format!("{} videos with their history", thousands(videos)),
        json!({"videos": videos, "ms": millis(began.elapsed())}),
    ))
}

pub(super) async fn score(user: &Client, channel: &str, line: &mut Line) -> StageResult {
    let path = format!("/api/channels/{channel}/insights");
    let insights = wait(user, &path, line, |insights| {
        if api_client::is_scored(insights) {
            return Progress::Done;
        }
        Progress::Pending(format!(
            "{} videos scored",
            thousands(total(insights, "scored"))
        ))
    })
    .await?;
    let [videos, scored, outliers] =
        ["videos", "scored", "outliers"].map(|count| total(&insights, count));
    let path = format!("/api/videos?channel_id={channel}&label=outlier&sort=score&limit=1");
    let strongest = &user.get(&path).await?["items"][0];
    let title = strongest["title"].as_str().unwrap_or("none");
    let (shown, outstanding) = (thousands(scored), thousands(outliers));
    Ok((
        format!("{shown} scored, {outstanding} outliers; strongest: “{title}”"),
        json!({
            "counts": {"scored": scored, "outliers": outliers, "withheld": videos.saturating_sub(scored)},
            "strongest": {"title": strongest["title"], "score": strongest["score"]},
        }),
    ))
}

/// A count of all formats together.
fn total(insights: &Value, count: &str) -> u64 {
    let formats = insights["formats"].as_array().into_iter().flatten();
    formats.filter_map(|format| format[count].as_u64()).sum()
}

/// Writes ideas, titles, a script and a description, and approves each of them.
pub(super) async fn generate(user: &Client, channel: &str, line: &mut Line) -> StageResult {
    let mut pieces: Vec<Value> = Vec::new();
    for (kind, mut request, item) in [
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
    let videos = script["inspired_by"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let Some(first) = videos.first() else {
        let problem = "the script names no video that inspired it";
        return Err(Error::setup(problem, "provenance is missing"));
    };
    let first = first["title"].as_str().unwrap_or("?");
    let inspired: Vec<_> = videos.iter().map(|video| &video["video_id"]).collect();
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

async fn approve(user: &Client, content: &Value, item: Option<u32>) -> Result<Value> {
    let mut body = json!({"decision": "approve", "content_hash": content["content_hash"]});
    if let Some(item) = item {
        body["item"] = item.into();
    }
    user.patch(&format!("/api/content/{}", text(content, "/id")?), body)
        .await
}

/// Has the script rendered, once its price is known.
pub(super) async fn render(user: &Client, content: &Value, line: &mut Line) -> StageResult {
    let body = json!({"content_id": content["script_id"]});
    let estimate = user.post("/api/video/estimate", body.clone()).await?;
    line.progress(&format!("estimated at {} credits", estimate["credits"]));
    let render = user.post("/api/video/render", body).await?;
    let path = format!("/api/video/{}", text(&render, "/id")?);
    let render = wait(user, &path, line, |render| match render["state"].as_str() {
        Some("ready") => Progress::Done,
        Some("failed" | "cancelled" | "submit_unknown" | "timed_out_unknown") => {
            Progress::Failed(render["error"].to_string())
        }
        state => {
            let done = render["progress"]
                .as_u64()
                .map_or(String::new(), |p| format!("{p} %"));
            Progress::Pending(format!("{} {done}", state.unwrap_or("?")))
        }
    })
    .await?;
    let (credits, bytes) = (
        &render["cost"]["credits_used"],
        &render["file"]["size_bytes"],
    );
    Ok((
        format!("{} bytes for {credits} credits", count(bytes)),
        json!({"id": render["id"], "credits_used": credits, "estimate": estimate, "bytes": bytes}),
    ))
}

pub(super) async fn schedule(
    user: &Client,
    channel: &str,
    content: &Value,
    rendered: &Value,
) -> StageResult {
    let slots = format!("/api/schedule/slots?channel_id={channel}&limit=1");
    let slots = user.get(&slots).await?;
    let request = json!({
        "render_id": rendered["id"],
        "title": content["title"],
        "description": content["description"],
        "tags": content["tags"],
        "publish_at": slots["items"][0]["publish_at"],
        "time_zone": slots["time_zone"],
        "made_for_kids": false,
        "altered_content": false,
    });
    let upload = user.post("/api/schedule", request).await?;
    let shown = |name: &str| upload[name].as_str().unwrap_or("?");
    Ok((
        format!("{} {}", shown("local_time"), shown("time_zone")),
        json!({"id": upload["id"], "publish_at": upload["publish_at"], "local_time": upload["local_time"], "time_zone": upload["time_zone"]}),
    ))
}

/// Sees the video uploaded, and public at its slot, to which `gateway` moves the stack's clock.
pub(super) async fn publish(
    user: &Client,
    gateway: &str,
    scheduled: &Value,
    line: &mut Line,
) -> StageResult {
    let reason = |upload: &Value| {
        let (state, reason) = (&upload["state"], &upload["reason"]);
        Progress::Failed(format!("{state}: {reason} {}", upload["next_action"]))
    };
    let id = text(scheduled, "/id")?;
    let path = format!("/api/schedule/{id}");
    wait(user, &path, line, |upload| match upload["state"].as_str() {
        Some("on_youtube") => Progress::Done,
        Some("published" | "failed" | "cancelled" | "needs_attention") => reason(upload),
        state => {
            let (state, sent) = (state.unwrap_or("?"), count(&upload["bytes_sent"]));
            let all = upload["bytes_total"]
                .as_u64()
                .map_or_else(|| "?".into(), thousands);
            Progress::Pending(format!("{state}, {sent} of {all} bytes are on YouTube"))
        }
    })
    .await?;
    line.progress("on YouTube as private; moving the stack's clock to the slot");
    pass(gateway, &text(scheduled, "/publish_at")?).await?;
    let upload = wait(user, &path, line, |upload| match upload["state"].as_str() {
        Some("published") => Progress::Done,
        Some("failed" | "cancelled" | "needs_attention") => reason(upload),
        _ => Progress::Pending("the slot has come; checking that YouTube made it public".into()),
    })
    .await?;
    let (video, bytes) = (text(&upload, "/youtube_video_id")?, &upload["bytes_total"]);
    let shown = count(bytes);
    Ok((
        format!("{shown} bytes, uploaded once; video {video} is public, by YouTube's own clock"),
        json!({"upload": {
            "id": id, "youtube_video_id": video, "state": upload["state"], "publish_at": upload["publish_at"],
            "bytes": bytes,
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
