//! The stages that bring a channel in: connect, sync and score.

use std::time::Instant;

use catalyst_cli::error::Result;
use serde_json::{Value, json};

use super::answers::{StageResult, number, text, wait};
use super::console::{Line, millis, thousands};
use crate::api_client::{self, Client, Progress};

/// The channel's own time zone in the demo.
pub(super) const ZONE: &str = "Europe/Berlin";

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
    user.patch(
        &path,
        json!({
            "time_zone": ZONE,
            "posting_slots": [{"weekday": 2, "time": "18:00"}, {"weekday": 5, "time": "18:00"}],
        }),
    )
    .await?;
    let began = Instant::now();
    user.post(&format!("{path}/sync"), json!({})).await?;
    let channel = wait(user, &path, line, |channel| {
        let sync = &channel["sync"];
        match sync["state"].as_str() {
            Some("idle") => Progress::Done,
            Some("failed") => Progress::Failed(sync["reason"].to_string()),
            _ => Progress::Pending(format!(
                "{} of {} videos",
                thousands(number(&sync["videos_synced"])),
                thousands(number(&sync["videos_found"]))
            )),
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
    let strongest = strongest(user, channel).await?;
    Ok((
        format!(
            "{} scored, {} outliers; strongest: “{}”",
            thousands(scored),
            thousands(outliers),
            strongest["title"].as_str().unwrap_or("none")
        ),
        json!({
            "counts": {"scored": scored, "outliers": outliers, "withheld": videos.saturating_sub(scored)},
            "strongest": {"title": strongest["title"], "score": strongest["score"]},
        }),
    ))
}

async fn strongest(user: &Client, channel: &str) -> Result<Value> {
    let path = format!("/api/videos?channel_id={channel}&label=outlier&sort=score&limit=1");
    Ok(user.get(&path).await?["items"][0].clone())
}

/// A count of all formats together.
fn total(insights: &Value, count: &str) -> u64 {
    insights["formats"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|format| format[count].as_u64())
        .sum()
}
