//! Cloudflare: the names of a zone.

use axum::response::Response;
use serde_json::{Value, json};

use super::deployment::Deployment;
use crate::json_response;

/// The zone's id.
pub const ZONE: &str = "zone1";

/// Cloudflare: the names of a zone; the path of the route is what follows the zone's records.
pub(super) fn cloudflare(
    to: &mut Deployment,
    route: (&str, &str),
    query: &str,
    body: &Value,
) -> Response {
    if route == ("GET", "") {
        let wanted = query.strip_prefix("name=").unwrap_or_default();
        let found = to.names.get(wanted).map(|content| record(wanted, content));
        return answer(200, json!([]), found.into_iter().collect());
    }
    let (Some(name), Some(content)) = (route.1.strip_prefix("/rec-"), body["content"].as_str())
    else {
        return error(400, "Invalid request");
    };
    let Some(current) = to.names.get_mut(name).filter(|_| route.0 == "PATCH") else {
        return error(404, "Record does not exist.");
    };
    content.clone_into(current);
    to.changes += 1;
    answer(200, json!([]), record(name, content))
}

fn record(name: &str, content: &str) -> Value {
    json!({"id": format!("rec-{name}"), "type": "CNAME", "name": name, "content": content, "proxied": false})
}

pub(super) fn error(status: u16, message: &str) -> Response {
    answer(
        status,
        json!([{"code": 10000, "message": message}]),
        Value::Null,
    )
}

fn answer(status: u16, errors: Value, result: Value) -> Response {
    let body = json!({"success": status == 200, "errors": errors, "result": result});
    json_response(status, &body)
}
