//! Estimates, the status of a render, and the list of projects.

use serde_json::{Value, json};

use super::{
    errors::refused,
    render_request::{self, price},
    settings::Settings,
};
use crate::{
    clock::rfc3339,
    failure::Failure,
    lock::lock,
    request::{Call, Head},
    world::World,
};

pub(super) fn estimate(world: &World, call: &Call, settings: &Settings) -> Result<Value, Failure> {
    let request = render_request::read(&call.body)?;
    lock(&world.revid).estimates += 1;
    let credits = settings
        .estimate
        .unwrap_or_else(|| price(&request, settings));
    let breakdown =
        json!({"base": 1, "voice": 1, "visualsModel": credits.saturating_sub(3), "resolution": 1});
    Ok(match settings.estimate_dialect.as_str() {
        "credits" => json!({"success": 1, "credits": credits, "breakdown": breakdown}),
        "garbage" => json!({"ok": "certainly"}),
        _ => json!({"creditsEstimate": credits, "breakdown": breakdown}),
    })
}

/// The answer to a poll, which shows what the earlier polls brought about.
pub(super) fn status(world: &World, head: &Head) -> Result<Value, Failure> {
    let now = world.clock.now();
    let not_found = || refused(404, "project not found");
    let mut revid = lock(&world.revid);
    let pid = head.param("pid").unwrap_or_default();
    let render = revid.renders.get_mut(pid).ok_or_else(not_found)?;
    let is_over = render.is_due(now);
    render.polls += 1;
    if render.polls <= render.settings.not_found_polls {
        return Err(not_found());
    }
    if !is_over {
        return Ok(render.unfinished());
    }
    render.terminal_at = render.terminal_at.or(Some(now));
    render.terminal_polls += 1;
    Ok(render.finished(&world.urls().revid))
}

pub(super) fn projects(world: &World, head: &Head) -> Value {
    let now = world.clock.now();
    let limit = head
        .param("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(10);
    let revid = lock(&world.revid);
    let renders = revid.in_order().rev().take(limit);
    let list: Vec<Value> = renders
        .map(|render| {
            let title: String = render.source_text().chars().take(60).collect();
            let status = if render.is_due(now) { "ready" } else { "building" };
            json!({"pid": render.pid, "id": render.pid, "name": title, "workflow": render.workflow, "status": status,
                   "createdAt": rfc3339(render.submitted_at), "webhookUrl": render.webhook_url})
        })
        .collect();
    json!({"success": 1, "projects": list})
}
