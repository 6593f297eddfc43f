//! The stage that has the script rendered, once its price is known.

use serde_json::{Value, json};

use super::answers::{StageResult, number, text, wait};
use super::console::{Line, thousands};
use crate::api_client::{Client, Progress};

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
        state => Progress::Pending(format!(
            "{} {}",
            state.unwrap_or("?"),
            render["progress"]
                .as_u64()
                .map_or(String::new(), |p| format!("{p} %"))
        )),
    })
    .await?;
    let credits = render["cost"]["credits_used"].clone();
    Ok((
        format!(
            "{} bytes for {credits} credits",
            thousands(number(&render["file"]["bytes"]))
        ),
        json!({"id": render["id"], "credits_used": credits, "estimate": estimate, "bytes": render["file"]["bytes"]}),
    ))
}
