//! Stand-ins of where a deployment lives: the few calls of Vercel's and Cloudflare's APIs by which it is pointed at another
//! database. Both keep what is done to them.

mod cloudflare;
mod deployment;
mod vercel;

use std::io;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::{Router, body::to_bytes, response::Response};
use http::header::AUTHORIZATION;
use serde_json::Value;

use crate::{Loopback, lock};
use cloudflare::cloudflare;
use deployment::Deployment;
use vercel::vercel;

pub use cloudflare::ZONE;
pub use vercel::PROJECT;

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
        Some(_) if !is_authorized => cloudflare::error(403, "Authentication error"),
        None if !is_authorized => vercel::error(403, "forbidden"),
        Some(rest) => cloudflare(&mut deployment, (method, rest), query, &body),
        None => vercel(&mut deployment, (method, path), query, &body),
    }
}
