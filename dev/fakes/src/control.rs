//! `/_state` and `/_control`: what tests see and change.

use std::sync::Arc;

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Fault, Faults, Head, Service, World, json_response, lock, read_json, services};

pub(crate) async fn control(
    world: &Arc<World>,
    service: Service,
    head: &Head,
    body: &[u8],
) -> Response {
    let (calls, faults) = (world.calls(service), world.faults(service));
    let done = match head.route() {
        ("GET", "/_state") => Ok(services::state(world, service, head)),
        ("GET", "/_control/faults") => Ok(lock(faults).list()),
        ("POST", "/_control/faults") => match arm(&mut lock(faults), body) {
            Ok(armed) => return json_response(201, &armed),
            Err(error) => Err(error),
        },
        ("DELETE", "/_control/faults") => {
            lock(faults).disarm(head.number("id"), head.param("account"));
            Ok(json!({}))
        }
        ("GET", "/_control/calls") => Ok(lock(calls).list(head)),
        ("DELETE", "/_control/calls") => {
            lock(calls).clear();
            Ok(json!({}))
        }
        ("GET", "/_control/clock") => Ok(clock(world)),
        ("POST", "/_control/clock") => move_clock(world, body),
        _ => match services::control(world, service, head, body).await {
            Some(done) => done.inspect(|_| world.mark_changed()),
            None => return json_response(404, &json!({"error": "no such control"})),
        },
    };
    match done {
        Ok(value) => json_response(200, &value),
        Err(error) => json_response(400, &json!({"error": error})),
    }
}

/// Arms one fault or a list of them.
fn arm(faults: &mut Faults, body: &[u8]) -> Result<Value, String> {
    let value: Value = read_json(body)?;
    if value.is_array() {
        let list = serde_json::from_value::<Vec<Fault>>(value).map_err(|e| e.to_string())?;
        let ids: Vec<u64> = list.into_iter().map(|fault| faults.arm(fault)).collect();
        return Ok(json!({"ids": ids}));
    }
    let fault = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(json!({"id": faults.arm(fault)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    advance_seconds: Option<f64>,
    offset_seconds: Option<f64>,
}

fn move_clock(world: &World, body: &[u8]) -> Result<Value, String> {
    let change: ClockMove = read_json(body)?;
    let ms = |seconds: f64| (seconds * 1000.0) as i64;
    if let Some(offset) = change.offset_seconds {
        world.clock.set_offset_ms(ms(offset));
    }
    if let Some(by) = change.advance_seconds {
        let offset = world.clock.offset_ms().saturating_add(ms(by));
        world.clock.set_offset_ms(offset);
    }
    world.mark_changed();
    Ok(clock(world))
}

fn clock(world: &World) -> Value {
    let offset = world.clock.offset_ms() as f64 / 1000.0;
    json!({"now": world.clock.now().to_string(), "offset_seconds": offset})
}
