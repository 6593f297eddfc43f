//! What tests see and change at RevID.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::store::{Render, Settings};
use super::webhook::deliver;
use crate::{Head, World, contains, lock, read_json, rfc3339};

pub(crate) fn state(world: &World, head: &Head) -> Value {
    let now = world.clock.now();
    let base = world.urls().revid;
    let revid = lock(&world.revid);
    let wanted = head.param("contains").unwrap_or_default().as_bytes();
    let is_wanted = |render: &&Render| contains(render.request.to_string().as_bytes(), wanted);
    let show = |render: &Render| {
        let status = render.status(&base, now)["status"].take();
        json!({
            "pid": render.pid, "workflow": render.workflow, "status": status, "credits": render.credits,
            "submitted_at": rfc3339(render.submitted_at), "polls": render.polls, "downloads": render.downloads, "webhook_url": render.webhook_url,
            "request": render.request, "file_bytes": render.settings.file_bytes, "video_url": render.video_url(&base),
        })
    };
    let renders: Vec<Value> = revid.in_order().filter(is_wanted).map(show).collect();
    json!({
        "now": now.to_string(), "renders_charged": revid.order.len(), "credits_charged": revid.credits_charged, "estimates": revid.estimates,
        "renders": renders, "dangerous_calls": revid.dangerous_calls, "webhooks": revid.webhooks,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendAgain {
    pid: String,
}

pub(crate) async fn control(
    world: &Arc<World>,
    head: &Head,
    body: &[u8],
) -> Option<Result<Value, String>> {
    if head.control_route()? == ("POST", "webhooks") {
        return Some(send_again(world, body).await);
    }
    lock(&world.revid)
        .knobs
        .control::<Settings>("body_contains", head, body)
}

async fn send_again(world: &Arc<World>, body: &[u8]) -> Result<Value, String> {
    let SendAgain { pid } = read_json(body)?;
    let render = lock(&world.revid).renders.get(&pid).cloned();
    deliver(Arc::clone(world), render.ok_or("no such render")?).await;
    Ok(json!({}))
}
