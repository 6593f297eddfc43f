//! Pointing the deployment at the new database: Vercel's environment and Cloudflare's DNS. First what would change is told;
//! the same plan is then carried out, or not.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::error::{Error, Result};

const PATIENCE: Duration = Duration::from_secs(30);

/// Where the functions are deployed.
#[derive(Debug)]
pub struct Vercel {
    /// The API's address.
    pub url: String,
    /// The project's id or name.
    pub project: String,
    /// The team's id.
    pub team: Option<String>,
    /// An access token.
    pub token: SecretString,
}

/// Where the names are.
#[derive(Debug)]
pub struct Cloudflare {
    /// The API's address.
    pub url: String,
    /// The zone's id.
    pub zone: String,
    /// An API token with the right to edit the zone's DNS.
    pub token: SecretString,
}

/// What is to be true afterwards.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Vercel, if its environment is to change.
    pub vercel: Option<Vercel>,
    /// The production environment's new variables.
    pub variables: BTreeMap<String, String>,
    /// Cloudflare, if names are to change.
    pub cloudflare: Option<Cloudflare>,
    /// Names and what they are to point at.
    pub names: BTreeMap<String, String>,
}

/// One change, known to be possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A variable of the production environment; its value is never shown.
    Variable {
        /// Its name.
        name: String,
        /// Whether there is one already.
        replaces: bool,
    },
    /// A new deployment of what is deployed, as a running one keeps its variables.
    Redeploy {
        /// The deployment that is repeated.
        deployment: String,
        /// Its project's name.
        name: String,
    },
    /// A name.
    Name {
        /// Which one.
        name: String,
        /// The record's id.
        record: String,
        /// What it points at.
        from: String,
        /// What it is to point at.
        to: String,
    },
}

impl std::fmt::Display for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable { name, replaces } => write!(
                out,
                "Vercel: {} {name} in production",
                if *replaces { "replace" } else { "add" }
            ),
            Self::Redeploy { deployment, .. } => {
                write!(
                    out,
                    "Vercel: deploy {deployment} again, with these variables"
                )
            }
            Self::Name { name, from, to, .. } => {
                write!(out, "Cloudflare: point {name} at {to} (now {from})")
            }
        }
    }
}

/// Asks both what there is, and says what would change. Changes nothing.
///
/// # Errors
///
/// When one of them does not answer as it should: then nothing would be changed anywhere.
pub async fn plan(wanted: &Wanted) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    if let Some(vercel) = &wanted.vercel
        && !wanted.variables.is_empty()
    {
        let known = vercel
            .call(
                Method::GET,
                &format!("/v10/projects/{}/env", vercel.project),
                &[],
                None,
            )
            .await?;
        let production = |name: &str| {
            list(&known["envs"]).iter().any(|variable| {
                variable["key"] == name
                    && list(&variable["target"])
                        .iter()
                        .any(|target| target == "production")
            })
        };
        for name in wanted.variables.keys() {
            changes.push(Change::Variable {
                name: name.clone(),
                replaces: production(name),
            });
        }
        let query = [
            ("projectId", vercel.project.as_str()),
            ("target", "production"),
            ("state", "READY"),
            ("limit", "1"),
        ];
        let deployments = vercel
            .call(Method::GET, "/v6/deployments", &query, None)
            .await?;
        let newest = &deployments["deployments"][0];
        let (Some(deployment), Some(name)) = (newest["uid"].as_str(), newest["name"].as_str())
        else {
            return Err(refused(
                "Vercel",
                "the project has no production deployment that could be repeated",
            ));
        };
        changes.push(Change::Redeploy {
            deployment: deployment.to_owned(),
            name: name.to_owned(),
        });
    }
    if let Some(cloudflare) = &wanted.cloudflare {
        for (name, to) in &wanted.names {
            let found = cloudflare
                .call(
                    Method::GET,
                    "/dns_records",
                    &[("name", name.as_str())],
                    None,
                )
                .await?;
            let [record] = list(&found["result"]) else {
                return Err(refused(
                    "Cloudflare",
                    &format!(
                        "{name} has {} records, and one is needed",
                        list(&found["result"]).len()
                    ),
                ));
            };
            let (Some(id), Some(from)) = (record["id"].as_str(), record["content"].as_str()) else {
                return Err(refused("Cloudflare", "a record without id or content"));
            };
            if from != to {
                changes.push(Change::Name {
                    name: name.clone(),
                    record: id.to_owned(),
                    from: from.to_owned(),
                    to: to.clone(),
                });
            }
        }
    }
    Ok(changes)
}

/// Carries a plan out, in its order. Doing it twice changes nothing more.
///
/// # Errors
///
/// When a change is refused; those before it are made.
pub async fn apply(wanted: &Wanted, changes: &[Change]) -> Result {
    for change in changes {
        match (change, &wanted.vercel, &wanted.cloudflare) {
            (Change::Variable { name, .. }, Some(vercel), _) => {
                let variable = json!({
                    "key": name, "value": wanted.variables.get(name), "type": "sensitive", "target": ["production"],
                });
                let path = format!("/v10/projects/{}/env", vercel.project);
                let answer = vercel
                    .call(
                        Method::POST,
                        &path,
                        &[("upsert", "true")],
                        Some(json!([variable])),
                    )
                    .await?;
                if let [first, ..] = list(&answer["failed"]) {
                    let code = first["error"]["code"].as_str().unwrap_or("refused");
                    return Err(refused("Vercel", &format!("{name} was not set: {code}")));
                }
            }
            (Change::Redeploy { deployment, name }, Some(vercel), _) => {
                let body = json!({
                    "name": name, "project": vercel.project, "deploymentId": deployment, "target": "production",
                });
                vercel
                    .call(
                        Method::POST,
                        "/v13/deployments",
                        &[("forceNew", "1")],
                        Some(body),
                    )
                    .await?;
            }
            (Change::Name { record, to, .. }, _, Some(cloudflare)) => {
                cloudflare
                    .call(
                        Method::PATCH,
                        &format!("/dns_records/{record}"),
                        &[],
                        Some(json!({"content": to})),
                    )
                    .await?;
            }
            _ => return Err(refused("The plan", "a change of nobody's")),
        }
    }
    Ok(())
}

impl Vercel {
    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Value> {
        let mut query = query.to_vec();
        if let Some(team) = &self.team {
            query.push(("teamId", team));
        }
        let request = client("Vercel", &self.url)?
            .request(method, format!("{}{path}", self.url))
            .query(&query)
            .bearer_auth(self.token.expose_secret());
        send("Vercel", request, body).await
    }
}

impl Cloudflare {
    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Value> {
        let request = client("Cloudflare", &self.url)?
            .request(
                method,
                format!("{}/client/v4/zones/{}{path}", self.url, self.zone),
            )
            .query(query)
            .bearer_auth(self.token.expose_secret());
        send("Cloudflare", request, body).await
    }
}

/// A token goes over https, or not further than this machine.
fn client(who: &str, url: &str) -> Result<reqwest::Client> {
    let here = ["http://127.0.0.1:", "http://localhost:"];
    if !url.starts_with("https://") && !here.iter().any(|local| url.starts_with(local)) {
        return Err(refused(who, "its address is not https"));
    }
    clients::tls::client_builder()
        .timeout(PATIENCE)
        .build()
        .map_err(|error| refused(who, &error.to_string()))
}

async fn send(who: &str, mut request: RequestBuilder, body: Option<Value>) -> Result<Value> {
    if let Some(body) = &body {
        request = request.json(body);
    }
    // Without the address, which may name a team.
    let answer = request
        .send()
        .await
        .map_err(|error| refused(who, &error.without_url().to_string()))?;
    let status = answer.status();
    let value: Value = answer.json().await.unwrap_or(Value::Null);
    if status.is_success() && value["success"] != false {
        return Ok(value);
    }
    let code = value
        .pointer("/error/code")
        .or_else(|| value.pointer("/errors/0/message"))
        .and_then(Value::as_str)
        .unwrap_or("no reason given");
    Err(refused(who, &format!("{status}: {code}")))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn refused(who: &str, why: &str) -> Error {
    Error::setup(
        format!("{who}: {why}"),
        "put that right and run the same command again: what is done already is not done twice",
    )
}
