//! Stand-ins of where a deployment lives: the few calls of Vercel's and Cloudflare's APIs by which it is pointed at another
//! database. Both keep what is done to them.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::loopback::Loopback;
use crate::server::lock;

/// The token that both accept.
pub const TOKEN: &str = "hosting-token";
/// Vercel's project.
pub const PROJECT: &str = "prj_engine";
/// Cloudflare's zone.
pub const ZONE: &str = "zone1";

/// Both, on one port. They end when this is dropped.
#[derive(Debug)]
pub struct Hosting {
    server: Loopback,
    held: Arc<Mutex<Held>>,
}

#[derive(Clone, Debug, Default)]
struct Held {
    variables: BTreeMap<String, String>,
    deployments: Vec<String>,
    names: BTreeMap<String, String>,
    changes: usize,
}

impl Hosting {
    /// Starts them with a deployment, variables and names.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(variables: &[(&str, &str)], names: &[(&str, &str)]) -> io::Result<Self> {
        let owned = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let held = Arc::new(Mutex::new(Held {
            variables: owned(variables),
            deployments: vec!["dpl_1".to_owned()],
            names: owned(names),
            changes: 0,
        }));
        let app = Router::new().fallback(handle).with_state(Arc::clone(&held));
        let server = Loopback::serve(app).await?;
        Ok(Self { server, held })
    }

    /// Their address.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// A variable of the production environment.
    pub fn variable(&self, name: &str) -> Option<String> {
        lock(&self.held).variables.get(name).cloned()
    }

    /// What a name points at.
    pub fn name(&self, name: &str) -> Option<String> {
        lock(&self.held).names.get(name).cloned()
    }

    /// How many deployments there are.
    pub fn deployments(&self) -> usize {
        lock(&self.held).deployments.len()
    }

    /// How often anything was changed.
    pub fn changes(&self) -> usize {
        lock(&self.held).changes
    }
}

async fn handle(State(held): State<Arc<Mutex<Held>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1024 * 1024).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let authorized = parts
        .headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value == format!("Bearer {TOKEN}"));
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut held = lock(&held);
    if let Some(rest) = path.strip_prefix(&format!("/client/v4/zones/{ZONE}/dns_records")) {
        if !authorized {
            return cloudflare_error(StatusCode::FORBIDDEN, "Authentication error");
        }
        return names(&mut held, &parts.method, rest, &query, &body);
    }
    if !authorized {
        return vercel_error(StatusCode::FORBIDDEN, "forbidden");
    }
    let environment = format!("/v10/projects/{PROJECT}/env");
    match (parts.method, path.as_str()) {
        (Method::GET, path) if path == environment => {
            let envs: Vec<Value> = held
                .variables
                .keys()
                .map(|name| json!({"id": format!("env_{name}"), "key": name, "type": "sensitive", "target": ["production"]}))
                .collect();
            Json(json!({"envs": envs})).into_response()
        }
        (Method::POST, path) if path == environment => {
            for variable in body.as_array().into_iter().flatten() {
                let (Some(key), Some(value)) =
                    (variable["key"].as_str(), variable["value"].as_str())
                else {
                    return vercel_error(StatusCode::BAD_REQUEST, "bad_request");
                };
                if held.variables.contains_key(key) && !query.contains("upsert=true") {
                    return vercel_error(StatusCode::BAD_REQUEST, "ENV_ALREADY_EXISTS");
                }
                held.variables.insert(key.to_owned(), value.to_owned());
                held.changes += 1;
            }
            (
                StatusCode::CREATED,
                Json(json!({"created": body, "failed": []})),
            )
                .into_response()
        }
        (Method::GET, "/v6/deployments") => {
            let newest = held.deployments.last().cloned();
            Json(json!({"deployments": [{"uid": newest, "name": "engine", "state": "READY", "target": "production"}]}))
                .into_response()
        }
        (Method::POST, "/v13/deployments") => {
            if body["deploymentId"] != json!(held.deployments.last())
                || body["target"] != "production"
            {
                return vercel_error(StatusCode::BAD_REQUEST, "bad_request");
            }
            let id = format!("dpl_{}", held.deployments.len() + 1);
            held.deployments.push(id.clone());
            held.changes += 1;
            Json(json!({"id": id, "readyState": "QUEUED"})).into_response()
        }
        _ => vercel_error(StatusCode::NOT_FOUND, "not_found"),
    }
}

fn names(held: &mut Held, method: &Method, rest: &str, query: &str, body: &Value) -> Response {
    let record = |name: &str, content: &str| json!({"id": format!("rec-{name}"), "type": "CNAME", "name": name, "content": content, "proxied": false});
    if *method == Method::GET && rest.is_empty() {
        let wanted = query.strip_prefix("name=").unwrap_or_default();
        let found: Vec<Value> = held
            .names
            .iter()
            .filter(|(name, _)| *name == wanted)
            .map(|(name, content)| record(name, content))
            .collect();
        return Json(json!({"success": true, "errors": [], "result": found})).into_response();
    }
    let (Some(name), Some(content)) = (rest.strip_prefix("/rec-"), body["content"].as_str()) else {
        return cloudflare_error(StatusCode::BAD_REQUEST, "Invalid request");
    };
    if *method != Method::PATCH || !held.names.contains_key(name) {
        return cloudflare_error(StatusCode::NOT_FOUND, "Record does not exist.");
    }
    held.names.insert(name.to_owned(), content.to_owned());
    held.changes += 1;
    Json(json!({"success": true, "errors": [], "result": record(name, content)})).into_response()
}

fn vercel_error(status: StatusCode, code: &str) -> Response {
    (
        status,
        Json(json!({"error": {"code": code, "message": code}})),
    )
        .into_response()
}

fn cloudflare_error(status: StatusCode, message: &str) -> Response {
    let body =
        json!({"success": false, "errors": [{"code": 10000, "message": message}], "result": null});
    (status, Json(body)).into_response()
}
