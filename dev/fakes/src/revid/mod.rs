//! RevID: renders that cost credits, their status, their files and their webhooks.

pub(crate) mod control;
pub(crate) mod errors;
mod file;
mod mp4;
mod read;
mod render;
mod render_request;
mod settings;
pub(crate) mod store;
mod submit;
pub(crate) mod webhook;

use std::sync::Arc;

use axum::response::Response;
use serde_json::json;

use crate::{
    failure::Failure,
    lock::lock,
    request::{Call, Head},
    response::{json_response, text_response, with_header},
    world::World,
};
use settings::Settings;

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
        .unwrap_or_default()
        .trim()
        .is_empty()
    {
        return Err(Failure::page(403, errors::BLOCKED));
    }
    if operation == "dangerous" {
        let call = format!("{} {}", head.method, head.path);
        lock(&world.revid).dangerous_calls.push(call);
        return Err(errors::refused(403, "this endpoint must never be called"));
    }
    if operation == "unknown" {
        return Err(errors::not_found());
    }
    let settings = lock(&world.revid).settings(&call.body);
    if operation != "credits.estimate" {
        check_key(head, &settings)?;
    }
    let body = match operation {
        "credits.estimate" => read::estimate(world, call, &settings)?,
        "render.submit" => submit::submit(world, call, settings).await?,
        "render.status" => read::status(world, head)?,
        "projects.list" => read::projects(world, head),
        "projects.rename" => {
            let response = text_response(307, "text/plain", "Temporary Redirect");
            return Ok(with_header(
                response,
                "location",
                "https://revid.invalid/api/rename-project",
            ));
        }
        _ => {
            let names = render_request::WORKFLOWS.map(|(name, _)| name);
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
    if is_good {
        Ok(())
    } else {
        Err(errors::refused(
            settings.auth_error_status,
            "Invalid API key",
        ))
    }
}
