//! Stand-ins of where a deployment lives: the few calls of Vercel's and Cloudflare's APIs by which it is pointed at another
//! database. Both keep what is done to them.

use std::sync::{Arc, Mutex};
use std::{collections::BTreeMap, io};

use axum::extract::{Request, State};
use axum::{Router, body::to_bytes, response::Response};
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::{Loopback, json_response, lock};

/// The token that both accept.
pub const TOKEN: &str = "hosting-token";

/// Both, on one port. They end when this is dropped.
#[derive(Debug)]
pub struct Hosting {
    server: Loopback,
    deployment: Arc<Mutex<Deployment>>,
}

impl Hosting {
    /// Starts them with a deployment, variables and names.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(variables: &[(&str, &str)], names: &[(&str, &str)]) -> io::Result<Self> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let deployment = Arc::new(Mutex::new(Deployment {
            variables: variables.iter().map(owned).collect(),
            deployments: vec!["dpl_1".to_owned()],
            names: names.iter().map(owned).collect(),
            changes: 0,
        }));
        let app = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&deployment));
        let server = Loopback::serve(app).await?;
        Ok(Self { server, deployment })
    }

    /// Their address.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// A variable of the production environment.
    pub fn variable(&self, name: &str) -> Option<String> {
        lock(&self.deployment).variables.get(name).cloned()
    }

    /// What a name points at.
    pub fn name(&self, name: &str) -> Option<String> {
        lock(&self.deployment).names.get(name).cloned()
    }

    /// How many deployments there are.
    pub fn deployments(&self) -> usize {
        lock(&self.deployment).deployments.len()
    }

    /// How often anything was changed.
    pub fn changes(&self) -> usize {
        lock(&self.deployment).changes
    }
}

async fn handle(State(deployment): State<Arc<Mutex<Deployment>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1024 * 1024).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let token = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let is_authorized = token.and_then(|token| token.strip_prefix("Bearer ")) == Some(TOKEN);
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let method = parts.method.as_str();
    let mut deployment = lock(&deployment);
    match path.strip_prefix(&format!("/client/v4/zones/{ZONE}/dns_records")) {
        Some(_) if !is_authorized => cloudflare_error(403, "Authentication error"),
        None if !is_authorized => vercel_error(403, "forbidden"),
        Some(rest) => cloudflare(&mut deployment, (method, rest), query, &body),
        None => vercel(&mut deployment, (method, path), query, &body),
    }
}

/// What both services hold.
#[derive(Clone, Debug, Default)]
struct Deployment {
    /// The variables of the production environment.
    variables: BTreeMap<String, String>,
    /// The ids of the deployments, oldest first.
    deployments: Vec<String>,
    /// What the names of the zone point at.
    names: BTreeMap<String, String>,
    changes: usize,
}

/// The project's id.
pub const PROJECT: &str = "prj_engine";

/// Vercel: environment variables and deployments.
fn vercel(to: &mut Deployment, route: (&str, &str), query: &str, body: &Value) -> Response {
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
        _ => vercel_error(404, "not_found"),
    }
}

fn set_variables(to: &mut Deployment, query: &str, body: &Value) -> Response {
    for variable in body.as_array().into_iter().flatten() {
        let (Some(key), Some(value)) = (variable["key"].as_str(), variable["value"].as_str())
        else {
            return vercel_error(400, "bad_request");
        };
        if to.variables.contains_key(key) && !query.contains("upsert=true") {
            return vercel_error(400, "ENV_ALREADY_EXISTS");
        }
        to.variables.insert(key.to_owned(), value.to_owned());
        to.changes += 1;
    }
    json_response(201, &json!({"created": body, "failed": []}))
}

fn redeploy(to: &mut Deployment, body: &Value) -> Response {
    if body["deploymentId"] != json!(to.deployments.last()) || body["target"] != "production" {
        return vercel_error(400, "bad_request");
    }
    let id = format!("dpl_{}", to.deployments.len() + 1);
    to.deployments.push(id.clone());
    to.changes += 1;
    json_response(200, &json!({"id": id, "readyState": "QUEUED"}))
}

fn vercel_error(status: u16, code: &str) -> Response {
    json_response(status, &json!({"error": {"code": code, "message": code}}))
}

/// The zone's id.
pub const ZONE: &str = "zone1";

/// Cloudflare: the names of a zone; the path of the route is what follows the zone's records.
fn cloudflare(to: &mut Deployment, route: (&str, &str), query: &str, body: &Value) -> Response {
    if route == ("GET", "") {
        let wanted = query.strip_prefix("name=").unwrap_or_default();
        let found = to.names.get(wanted).map(|content| record(wanted, content));
        return cloudflare_answer(200, json!([]), found.into_iter().collect());
    }
    let (Some(name), Some(content)) = (route.1.strip_prefix("/rec-"), body["content"].as_str())
    else {
        return cloudflare_error(400, "Invalid request");
    };
    let Some(current) = to.names.get_mut(name).filter(|_| route.0 == "PATCH") else {
        return cloudflare_error(404, "Record does not exist.");
    };
    content.clone_into(current);
    to.changes += 1;
    cloudflare_answer(200, json!([]), record(name, content))
}

fn record(name: &str, content: &str) -> Value {
    json!({"id": format!("rec-{name}"), "type": "CNAME", "name": name, "content": content, "proxied": false})
}

fn cloudflare_error(status: u16, message: &str) -> Response {
    cloudflare_answer(
        status,
        json!([{"code": 10000, "message": message}]),
        Value::Null,
    )
}

fn cloudflare_answer(status: u16, errors: Value, result: Value) -> Response {
    let body = json!({"success": status == 200, "errors": errors, "result": result});
    json_response(status, &body)
}
