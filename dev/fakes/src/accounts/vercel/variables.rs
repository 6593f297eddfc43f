//! A project's variables.

use serde_json::{Value, json};

use crate::accounts::refusal::vercel as error;
use crate::accounts::serve::{Answer, Call};
use crate::accounts::world::World;

/// A variable as it is told: a sensitive one without its value.
fn keep(world: &mut World, id: &str, body: &Value) -> Value {
    let value = body["value"].as_str().unwrap_or_default().to_owned();
    let mut shown = body.clone();
    shown["id"] = id.into();
    if body["type"] == "sensitive" {
        shown["value"] = "".into();
        world.secrets.push(value.clone());
    }
    world.values.insert(id.to_owned(), value);
    shown
}

pub(super) fn add(world: &mut World, call: &Call<'_>) -> Answer {
    let (mut created, mut failed) = (Vec::new(), Vec::new());
    for body in call.body.as_array().into_iter().flatten() {
        if world.variables.iter().any(|one| one["key"] == body["key"]) {
            failed.push(json!({"error": {"code": "ENV_CONFLICT", "message": "This variable exists already", "key": body["key"]}}));
            continue;
        }
        let id = format!("env_{}", body["key"].as_str().unwrap_or_default());
        let shown = keep(world, &id, body);
        world.variables.push(shown.clone());
        created.push(shown);
    }
    (201, json!({"created": created, "failed": failed}))
}

pub(super) fn change(world: &mut World, id: &str, body: &Value) -> Answer {
    let Some(index) = world.variables.iter().position(|one| one["id"] == id) else {
        return error(404, "not_found", "Variable not found");
    };
    world.variables[index] = keep(world, id, body);
    (200, world.variables[index].clone())
}
