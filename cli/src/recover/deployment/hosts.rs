//! Vercel, with the production environment's variables and a deployment that reads them; Cloudflare, with what names point at.

use std::collections::BTreeMap;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::api::{Api, Change, list};
use crate::Result;

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

impl Vercel {
    fn api(&self) -> Api<'_> {
        Api {
            name: "Vercel",
            url: self.url.clone(),
            always: self.team.as_deref().map(|team| ("teamId", team)),
            token: &self.token,
        }
    }

    fn variables_path(&self) -> String {
        format!("/v10/projects/{}/env", self.project)
    }

    /// What would change, so that the production deployment has these variables.
    pub(super) async fn plan(&self, variables: &BTreeMap<String, String>) -> Result<Vec<Change>> {
        let api = self.api();
        let known = api.get(&self.variables_path(), &[]).await?;
        let change = |name: &String| {
            let replaces = in_production(&known, name);
            Change::Variable {
                name: name.clone(),
                replaces,
            }
        };
        let mut changes: Vec<Change> = variables.keys().map(change).collect();
        let query = [
            ("projectId", self.project.as_str()),
            ("target", "production"),
            ("state", "READY"),
            ("limit", "1"),
        ];
        let deployments = api.get("/v6/deployments", &query).await?;
        let newest = &deployments["deployments"][0];
        let (Some(deployment), Some(name)) = (newest["uid"].as_str(), newest["name"].as_str())
        else {
            let why = "the project has no production deployment that could be repeated";
            return Err(api.refused(why));
        };
        let (deployment, name) = (deployment.to_owned(), name.to_owned());
        changes.push(Change::Redeploy { deployment, name });
        Ok(changes)
    }

    /// Sets a variable of the production environment.
    pub(super) async fn set_variable(&self, name: &str, value: Option<&String>) -> Result {
        let body = json!([{
            "key": name, "value": value, "type": "sensitive", "target": ["production"],
        }]);
        let (api, path) = (self.api(), self.variables_path());
        let query = [("upsert", "true")];
        let answer = api.call(Method::POST, &path, &query, body).await?;
        match list(&answer["failed"]) {
            [first, ..] => {
                let code = first["error"]["code"].as_str().unwrap_or("refused");
                Err(api.refused(&format!("{name} was not set: {code}")))
            }
            [] => Ok(()),
        }
    }

    /// Deploys a deployment's files again.
    pub(super) async fn redeploy(&self, deployment: &str, name: &str) -> Result {
        let body = json!({
            "name": name, "project": self.project, "deploymentId": deployment, "target": "production",
        });
        let (api, query) = (self.api(), [("forceNew", "1")]);
        let deployed = api.call(Method::POST, "/v13/deployments", &query, body);
        deployed.await.map(drop)
    }
}

fn in_production(variables: &Value, name: &str) -> bool {
    list(&variables["envs"]).iter().any(|variable| {
        variable["key"] == name && list(&variable["target"]).contains(&json!("production"))
    })
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

impl Cloudflare {
    fn api(&self) -> Api<'_> {
        Api {
            name: "Cloudflare",
            url: format!("{}/client/v4/zones/{}", self.url, self.zone),
            always: None,
            token: &self.token,
        }
    }

    /// What would change, so that each name points where it is to.
    pub(super) async fn plan(&self, names: &BTreeMap<String, String>) -> Result<Vec<Change>> {
        let api = self.api();
        let mut changes = Vec::new();
        for (name, to) in names {
            let found = api.get("/dns_records", &[("name", name)]).await?;
            let [record] = list(&found["result"]) else {
                let count = list(&found["result"]).len();
                return Err(api.refused(&format!("{name} has {count} records, and one is needed")));
            };
            let (Some(id), Some(from)) = (record["id"].as_str(), record["content"].as_str()) else {
                return Err(api.refused("a record without id or content"));
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
        Ok(changes)
    }

    /// Points a record somewhere else.
    pub(super) async fn point(&self, record: &str, to: &str) -> Result {
        let path = format!("/dns_records/{record}");
        let body = json!({"content": to});
        let pointed = self.api().call(Method::PATCH, &path, &[], body).await;
        pointed.map(drop)
    }
}
