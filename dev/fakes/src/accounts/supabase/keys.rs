//! API keys, and the keys that sign access tokens.

use serde_json::{Value, json};

use crate::accounts::refusal::supabase as error;
use crate::accounts::serve::{Answer, Call};
use crate::accounts::world::World;

pub(super) fn add(world: &mut World, index: usize, body: &Value) -> Answer {
    let keys = &mut world.projects[index]["keys"];
    let count = keys.as_array().map_or(0, Vec::len);
    let named = |one: &Value| one["name"] == body["name"] && one["type"] == body["type"];
    if keys.as_array().is_some_and(|keys| keys.iter().any(named)) {
        return error(409, "An API key with this name already exists");
    }
    let kind = body["type"].as_str().unwrap_or_default();
    let value = format!("sb_{kind}_of-the-stand-in-{count}-4c77e1");
    let key =
        json!({"id": count.to_string(), "type": kind, "name": body["name"], "api_key": value});
    if let Some(keys) = keys.as_array_mut() {
        keys.push(key.clone());
    }
    world.secrets.push(value);
    (201, key)
}

pub(super) fn signing(project: &mut Value, rest: &str, call: &Call<'_>) -> Answer {
    let Some(keys) = project["signing_keys"].as_array_mut() else {
        return error(500, "no keys");
    };
    match (call.method, rest) {
        ("GET", "") => (200, json!({"keys": keys})),
        ("POST", "") => {
            if keys.iter().any(|key| key["status"] == "standby") {
                return error(409, "There is a standby key already");
            }
            let key = json!({"id": format!("key_{}", keys.len() + 1), "algorithm": call.body["algorithm"], "status": call.body["status"]});
            keys.push(key.clone());
            (201, key)
        }
        ("PATCH", id) => {
            let id = id.trim_start_matches('/');
            if !keys.iter().any(|key| key["id"] == id) {
                return error(404, "Signing key not found");
            }
            for key in keys.iter_mut() {
                if key["status"] == "in_use" {
                    key["status"] = "previously_used".into();
                }
                if key["id"] == id {
                    key["status"] = call.body["status"].clone();
                }
            }
            (200, json!({"id": id, "status": call.body["status"]}))
        }
        _ => error(404, "Not found"),
    }
}
