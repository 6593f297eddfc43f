//! Vercel: environment variables and deployments.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::deployment::Deployment;

/// The project's id.
pub const PROJECT: &str = "prj_engine";

pub(super) fn handle(
    deployment: &mut Deployment,
    method: &Method,
    path: &str,
    query: &str,
    body: &Value,
) -> Response {
    let is_environment = path == format!("/v10/projects/{PROJECT}/env");
    match (method.as_str(), path) {
        ("GET", _) if is_environment => list_variables(deployment),
        ("POST", _) if is_environment => set_variables(deployment, query, body),
        ("GET", "/v6/deployments") => {
            let newest = deployment.deployments.last();
            Json(json!({"deployments": [{"uid": newest, "name": "engine", "state": "READY", "target": "production"}]}))
                .into_response()
        }
        ("POST", "/v13/deployments") => redeploy(deployment, body),
        _ => error(StatusCode::NOT_FOUND, "not_found"),
    }
}

fn list_variables(deployment: &Deployment) -> Response {
    let show = |name| json!({"id": format!("env_{name}"), "key": name, "type": "sensitive", "target": ["production"]});
    let envs: Vec<Value> = deployment.variables.keys().map(show).collect();
    Json(json!({"envs": envs})).into_response()
}

fn set_variables(deployment: &mut Deployment, query: &str, body: &Value) -> Response {
    for variable in body.as_array().into_iter().flatten() {
        let (Some(key), Some(value)) = (variable["key"].as_str(), variable["value"].as_str())
        else {
            return error(StatusCode::BAD_REQUEST, "bad_request");
        };
        if deployment.variables.contains_key(key) && !query.contains("upsert=true") {
            return error(StatusCode::BAD_REQUEST, "ENV_ALREADY_EXISTS");
        }
        deployment
            .variables
            .insert(key.to_owned(), value.to_owned());
        deployment.changes += 1;
    }
    (
        StatusCode::CREATED,
        Json(json!({"created": body, "failed": []})),
    )
        .into_response()
}

fn redeploy(deployment: &mut Deployment, body: &Value) -> Response {
    if body["deploymentId"] != json!(deployment.deployments.last())
        || body["target"] != "production"
    {
        return error(StatusCode::BAD_REQUEST, "bad_request");
    }
    let id = format!("dpl_{}", deployment.deployments.len() + 1);
    deployment.deployments.push(id.clone());
    deployment.changes += 1;
    Json(json!({"id": id, "readyState": "QUEUED"})).into_response()
}

pub(super) fn error(status: StatusCode, code: &str) -> Response {
    (
        status,
        Json(json!({"error": {"code": code, "message": code}})),
    )
        .into_response()
}
