//! Vercel: environment variables and deployments.

use axum::response::Response;
use serde_json::{Value, json};

use super::deployment::Deployment;
use crate::json_response;

/// The project's id.
pub const PROJECT: &str = "prj_engine";

/// Vercel: environment variables and deployments.
pub(super) fn vercel(
    to: &mut Deployment,
    route: (&str, &str),
    query: &str,
    body: &Value,
) -> Response {
    let is_environment = route.1 == format!("/v10/projects/{PROJECT}/env");
    match route {
        ("GET", _) if is_environment => {
            let show = |name| json!({"id": format!("env_{name}"), "key": name, "type": "sensitive", "target": ["production"]});
            let envs: Vec<Value> = to.variables.keys().map(show).collect();
            json_response(200, &json!({"envs": envs}))
        }
        ("POST", _) if is_environment => set_variables(to, query, body),
        ("GET", "/v6/deployments") => {
            let newest = json!({"uid": to.deployments.last(), "name": "engine", "state": "READY", "target": "production"});
            json_response(200, &json!({"deployments": [newest]}))
        }
        ("POST", "/v13/deployments") => redeploy(to, body),
        _ => error(404, "not_found"),
    }
}

fn set_variables(to: &mut Deployment, query: &str, body: &Value) -> Response {
    for variable in body.as_array().into_iter().flatten() {
        let (Some(key), Some(value)) = (variable["key"].as_str(), variable["value"].as_str())
        else {
            return error(400, "bad_request");
        };
        if to.variables.contains_key(key) && !query.contains("upsert=true") {
            return error(400, "ENV_ALREADY_EXISTS");
        }
        to.variables.insert(key.to_owned(), value.to_owned());
        to.changes += 1;
    }
    json_response(201, &json!({"created": body, "failed": []}))
}

fn redeploy(to: &mut Deployment, body: &Value) -> Response {
    if body["deploymentId"] != json!(to.deployments.last()) || body["target"] != "production" {
        return error(400, "bad_request");
    }
    let id = format!("dpl_{}", to.deployments.len() + 1);
    to.deployments.push(id.clone());
    to.changes += 1;
    json_response(200, &json!({"id": id, "readyState": "QUEUED"}))
}

pub(super) fn error(status: u16, code: &str) -> Response {
    json_response(status, &json!({"error": {"code": code, "message": code}}))
}
