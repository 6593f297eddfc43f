//! Submitting a render: what a request must hold, what it costs, and how the service refuses.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::store::{Render, Revid, Settings};
use super::webhook::deliver;
use crate::{Call, Failure, World, lock, short_id};

pub(crate) async fn submit(
    world: &Arc<World>,
    call: &Call,
    settings: Settings,
) -> Result<Value, Failure> {
    let request = read_request(&call.body)?;
    let render = charge(world, request, settings)?;
    let body = json!({
        "success": 1, "pid": render.pid, "workflow": render.workflow, "webhookUrl": render.webhook_url,
        "endpoint": "/api/public/v3/render", "queuePosition": 0, "docs": {},
    });
    if render.settings.webhook == "before_answer" {
        if let Some(render) = lock(&world.revid).renders.get_mut(&render.pid) {
            render.webhook_due = false;
        }
        deliver(Arc::clone(world), render).await;
    }
    Ok(body)
}

pub(crate) fn estimate(world: &World, call: &Call, settings: &Settings) -> Result<Value, Failure> {
    let request = read_request(&call.body)?;
    lock(&world.revid).estimates += 1;
    let credits = settings
        .estimate
        .unwrap_or_else(|| price(&request, settings));
    let models = credits.saturating_sub(3);
    let breakdown = json!({"base": 1, "voice": 1, "visualsModel": models, "resolution": 1});
    Ok(match settings.estimate_dialect.as_str() {
        "credits" => json!({"success": 1, "credits": credits, "breakdown": breakdown}),
        "garbage" => json!({"ok": "certainly"}),
        _ => json!({"creditsEstimate": credits, "breakdown": breakdown}),
    })
}

/// Takes the credits and files the render.
fn charge(world: &World, request: Value, settings: Settings) -> Result<Render, Failure> {
    let now = world.clock.now();
    let credits = price(&request, &settings);
    let mut revid = lock(&world.revid);
    if settings
        .balance
        .is_some_and(|balance| revid.credits_charged + credits > balance)
    {
        let status = match settings.insufficient.as_str() {
            "403" => 403,
            "text" => 200,
            _ => 402,
        };
        return Err(refused(status, "insufficient_credits"));
    }
    revid.credits_charged += credits;
    let text = |name: &str| request[name].as_str().map(str::to_owned);
    let render = Render {
        pid: new_pid(&mut revid, world.seed, now, &settings),
        workflow: text("workflow").unwrap_or_default(),
        webhook_url: text("webhookUrl").filter(|url| !url.is_empty()),
        request,
        submitted_at: now,
        submitted_real: Timestamp::now(),
        credits,
        webhook_due: true,
        settings,
        ..Render::default()
    };
    revid.renders.insert(render.pid.clone(), render.clone());
    revid.order.push(render.pid.clone());
    Ok(render)
}

fn new_pid(revid: &mut Revid, seed: u64, now: Timestamp, settings: &Settings) -> String {
    revid.serial += 1;
    let (seed, serial) = (seed.to_string(), revid.serial.to_string());
    let mut pid = short_id(&["pid", &seed, &serial, &now.to_string()], 40);
    pid.retain(|c| c.is_ascii_alphanumeric());
    pid.truncate(20);
    match settings.id_style.as_str() {
        "prefixed" => format!("p_{}", pid.to_lowercase()),
        _ => pid,
    }
}

/// Workflows and the field of `source` that each needs.
pub(crate) const WORKFLOWS: [(&str, &str); 9] = [
    ("script-to-video", "text"),
    ("prompt-to-video", "prompt"),
    ("article-to-video", "url"),
    ("avatar-to-video", "text"),
    ("ad-generator", "prompt"),
    ("music-to-video", "url"),
    ("motion-transfer", "url"),
    ("caption-video", "url"),
    ("static-background-video", "text"),
];

const FIELDS: &str = "workflow source aspectRatio webhookUrl projectId media voice captions music audio avatar options render \
                      characterIds advanced metadata";

/// Reads a request, or refuses it as the service does.
fn read_request(body: &[u8]) -> Result<Value, Failure> {
    let Ok(Value::Object(request)) = serde_json::from_slice::<Value>(body) else {
        return Err(refused(422, "body must be a JSON object"));
    };
    let workflow = request
        .get("workflow")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if workflow.is_empty() {
        return Err(refused(400, "workflow is required"));
    }
    let Some((_, field)) = WORKFLOWS.iter().find(|(name, _)| *name == workflow) else {
        return Err(refused(400, &format!("unknown workflow: {workflow}")));
    };
    let source = request
        .get("source")
        .and_then(|source| source[field].as_str());
    if source.is_none_or(|text| text.trim().is_empty()) {
        let error = format!("source.{field} is required for {workflow}");
        return Err(refused(422, &error));
    }
    let is_unknown = |key: &&String| !FIELDS.split(' ').any(|field| field == *key);
    match request.keys().find(is_unknown) {
        Some(unknown) => Err(refused(422, &format!("unknown field: {unknown}"))),
        None => Ok(Value::Object(request)),
    }
}

/// The price in credits, which depends on what is asked for.
fn price(request: &Value, settings: &Settings) -> u64 {
    let model = &request["media"]["videoModel"];
    let for_model = if model == "veo3" || model == "sora2" {
        100
    } else {
        0
    };
    let for_size = if request["render"]["resolution"] == "4k" {
        10
    } else {
        0
    };
    let outputs = request["options"]["outputCount"].as_u64().unwrap_or(1);
    (settings.credits + for_model + for_size) * outputs.max(1)
}

pub(crate) const BLOCKED: &str = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>error code: 1010</body></html>";

pub(crate) fn refused(status: u16, error: &str) -> Failure {
    let docs = json!({"reference": "https://www.revid.ai/docs"});
    Failure::new(status, json!({"success": 0, "error": error, "docs": docs}))
}

/// An error by name, for faults.
pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "invalidKey" => refused(401, "Invalid API key"),
        "insufficientCredits" => refused(402, "insufficient_credits"),
        "planLocked" => refused(403, "this feature needs another plan"),
        "cloudflare" => Failure::page(403, BLOCKED),
        "busy" => refused(409, "project busy"),
        "schema" => refused(422, "schema violation"),
        "rateLimited" => refused(429, "rate limit exceeded"),
        "internal" => refused(500, "Internal server error"),
        "html502" => Failure::page(
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>",
        ),
        _ => return None,
    })
}
