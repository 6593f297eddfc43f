//! RevID: renders that cost credits, their status, their files and their webhooks.

pub(crate) mod control;
mod file;
mod mp4;
pub(crate) mod store;
pub(crate) mod submit;
pub(crate) mod webhook;

use std::sync::Arc;

use axum::response::Response;
use serde_json::{Value, json};

use crate::{Call, Failure, Head, World, json_response, lock, rfc3339, text_response, with_header};
use store::{Render, Settings};
use submit::{BLOCKED, WORKFLOWS, estimate, refused, submit};

/// Calls that spend money or publish, which nobody may make.
const DANGEROUS: [&str; 3] = ["/buy-credit-pack", "/publish-now", "/add-to-queue"];

pub(crate) fn operation(head: &Head) -> &'static str {
    match head.route() {
        ("POST", "/api/public/v3/render") => "render.submit",
        ("GET", "/api/public/v3/render") => "render.reference",
        ("GET", "/api/public/v3/status") => "render.status",
        ("POST", "/api/public/v3/calculate-credits") => "credits.estimate",
        ("GET", "/api/public/v3/projects") => "projects.list",
        (_, "/api/public/v3/rename-project") => "projects.rename",
        (_, path) if DANGEROUS.iter().any(|name| path.ends_with(name)) => "dangerous",
        ("GET" | "HEAD", path) if path.starts_with("/v/") => "file.download",
        ("GET" | "HEAD", path) if path.starts_with("/t/") => "thumbnail.download",
        _ => "unknown",
    }
}

pub(crate) async fn handle(world: &Arc<World>, call: &Call) -> Result<Response, Failure> {
    let head = &call.head;
    let operation = operation(head);
    if matches!(operation, "file.download" | "thumbnail.download") {
        return Ok(file::download(world, head));
    }
    if head
        .header("user-agent")
        .is_none_or(|agent| agent.trim().is_empty())
    {
        return Err(Failure::page(403, BLOCKED));
    }
    if operation == "dangerous" {
        let call = format!("{} {}", head.method, head.path);
        lock(&world.revid).dangerous_calls.push(call);
        return Err(refused(403, "this endpoint must never be called"));
    }
    if operation == "unknown" {
        return Err(Failure::new(
            404,
            json!({"success": 0, "error": "Not found"}),
        ));
    }
    let settings = lock(&world.revid).settings(&call.body);
    if operation != "credits.estimate" {
        check_key(head, &settings)?;
    }
    let body = match operation {
        "credits.estimate" => estimate(world, call, &settings)?,
        "render.submit" => submit(world, call, settings).await?,
        "render.status" => status(world, head)?,
        "projects.list" => projects(world, head),
        "projects.rename" => {
            let response = text_response(307, "text/plain", "Temporary Redirect");
            let location = "https://revid.invalid/api/rename-project";
            return Ok(with_header(response, "location", location));
        }
        _ => {
            let names = WORKFLOWS.map(|(name, _)| name);
            json!({"success": 1, "workflows": names, "docs": {}})
        }
    };
    Ok(json_response(200, &body))
}

fn check_key(head: &Head, settings: &Settings) -> Result<(), Failure> {
    let key = head.header("key").unwrap_or_default().trim();
    let is_good = match &settings.api_key {
        Some(wanted) => key == wanted,
        None => !key.is_empty() && !key.starts_with("wrong"),
    };
    match is_good {
        true => Ok(()),
        false => Err(refused(settings.auth_error_status, "Invalid API key")),
    }
}

/// The answer to a poll, which shows what the earlier polls brought about.
fn status(world: &World, head: &Head) -> Result<Value, Failure> {
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

fn projects(world: &World, head: &Head) -> Value {
    let now = world.clock.now();
    let revid = lock(&world.revid);
    let renders = revid
        .in_order()
        .rev()
        .take(head.number("limit").unwrap_or(10));
    let show = |render: &Render| {
        let title: String = render.source_text().chars().take(60).collect();
        let status = if render.is_due(now) {
            "ready"
        } else {
            "building"
        };
        json!({"pid": render.pid, "id": render.pid, "name": title, "workflow": render.workflow, "status": status,
               "createdAt": rfc3339(render.submitted_at), "webhookUrl": render.webhook_url})
    };
    let list: Vec<Value> = renders.map(show).collect();
    json!({"success": 1, "projects": list})
}
