//! Cloudflare: the names of a zone.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::deployment::Deployment;

/// The zone's id.
pub const ZONE: &str = "zone1";

/// What of a path follows the zone's DNS records.
pub(super) fn rest(path: &str) -> Option<&str> {
    path.strip_prefix("/client/v4/zones/")?
        .strip_prefix(ZONE)?
        .strip_prefix("/dns_records")
}

pub(super) fn handle(
    deployment: &mut Deployment,
    method: &Method,
    rest: &str,
    query: &str,
    body: &Value,
) -> Response {
    if *method == Method::GET && rest.is_empty() {
        let wanted = query.strip_prefix("name=").unwrap_or_default();
        let found = deployment
            .names
            .get(wanted)
            .map(|content| record(wanted, content));
        return success(found.into_iter().collect());
    }
    let (Some(name), Some(content)) = (rest.strip_prefix("/rec-"), body["content"].as_str()) else {
        return error(StatusCode::BAD_REQUEST, "Invalid request");
    };
    let Some(current) = deployment
        .names
        .get_mut(name)
        .filter(|_| *method == Method::PATCH)
    else {
        return error(StatusCode::NOT_FOUND, "Record does not exist.");
    };
    content.clone_into(current);
    deployment.changes += 1;
    success(record(name, content))
}

fn record(name: &str, content: &str) -> Value {
    json!({"id": format!("rec-{name}"), "type": "CNAME", "name": name, "content": content, "proxied": false})
}

fn success(result: Value) -> Response {
    Json(json!({"success": true, "errors": [], "result": result})).into_response()
}

pub(super) fn error(status: StatusCode, message: &str) -> Response {
    let errors = json!([{"code": 10000, "message": message}]);
    (
        status,
        Json(json!({"success": false, "errors": errors, "result": null})),
    )
        .into_response()
}
