//! Submitting a render.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    errors::refused,
    render::Render,
    render_request::{self, price},
    settings::Settings,
    store::Revid,
    webhook::deliver,
};
use crate::{digest::short_id, failure::Failure, lock::lock, request::Call, world::World};

pub(super) async fn submit(
    world: &Arc<World>,
    call: &Call,
    settings: Settings,
) -> Result<Value, Failure> {
    let request = render_request::read(&call.body)?;
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

/// Takes the credits and files the render.
fn charge(
    world: &World,
    request: Map<String, Value>,
    settings: Settings,
) -> Result<Render, Failure> {
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
    let pid = new_pid(&mut revid, world.seed, now, &settings);
    revid.credits_charged += credits;
    let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
    let render = Render {
        pid: pid.clone(),
        workflow: text("workflow").unwrap_or_default(),
        webhook_url: text("webhookUrl").filter(|url| !url.is_empty()),
        request: Value::Object(request),
        submitted_at: now,
        submitted_real: Timestamp::now(),
        credits,
        polls: 0,
        terminal_polls: 0,
        terminal_at: None,
        webhook_due: true,
        downloads: 0,
        settings,
    };
    revid.renders.insert(pid.clone(), render.clone());
    revid.order.push(pid);
    Ok(render)
}

fn new_pid(revid: &mut Revid, seed: u64, now: Timestamp, settings: &Settings) -> String {
    revid.serial += 1;
    let parts = [
        "pid",
        &seed.to_string(),
        &revid.serial.to_string(),
        &now.to_string(),
    ];
    let text = short_id(&parts, 40);
    let plain: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(20)
        .collect();
    match settings.id_style.as_str() {
        "prefixed" => format!("p_{}", plain.to_lowercase()),
        _ => plain,
    }
}
