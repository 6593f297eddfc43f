//! Vercel: the production environment's variables, and a deployment that reads them.

use std::collections::BTreeMap;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::api::{Api, list};
use super::change::Change;
use crate::error::Result;

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
            token: &self.token,
        }
    }

    fn variables_path(&self) -> String {
        format!("/v10/projects/{}/env", self.project)
    }

    fn query<'a>(&'a self, query: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let team = self.team.as_deref().map(|team| ("teamId", team));
        query.iter().copied().chain(team).collect()
    }

    /// What would change, so that the production deployment has these variables.
    pub(super) async fn plan(&self, variables: &BTreeMap<String, String>) -> Result<Vec<Change>> {
        let path = self.variables_path();
        let known = self.api().get(&path, &self.query(&[])).await?;
        let mut changes: Vec<Change> = variables
            .keys()
            .map(|name| Change::Variable {
                name: name.clone(),
                replaces: in_production(&known, name),
            })
            .collect();
        let query = self.query(&[
            ("projectId", &self.project),
            ("target", "production"),
            ("state", "READY"),
            ("limit", "1"),
        ]);
        let deployments = self.api().get("/v6/deployments", &query).await?;
        let newest = &deployments["deployments"][0];
        let (Some(deployment), Some(name)) = (newest["uid"].as_str(), newest["name"].as_str())
        else {
            return Err(self
                .api()
                .refused("the project has no production deployment that could be repeated"));
        };
        changes.push(Change::Redeploy {
            deployment: deployment.to_owned(),
            name: name.to_owned(),
        });
        Ok(changes)
    }

    /// Sets a variable of the production environment.
    pub(super) async fn set_variable(&self, name: &str, value: Option<&String>) -> Result {
        let body = json!([{
            "key": name, "value": value, "type": "sensitive", "target": ["production"],
        }]);
        let path = self.variables_path();
        let query = self.query(&[("upsert", "true")]);
        let answer = self
            .api()
            .call(Method::POST, &path, &query, Some(body))
            .await?;
        match list(&answer["failed"]) {
            [first, ..] => {
                let code = first["error"]["code"].as_str().unwrap_or("refused");
                Err(self.api().refused(&format!("{name} was not set: {code}")))
            }
            [] => Ok(()),
        }
    }

    /// Deploys a deployment's files again.
    pub(super) async fn redeploy(&self, deployment: &str, name: &str) -> Result {
        let body = json!({
            "name": name, "project": self.project, "deploymentId": deployment, "target": "production",
        });
        let query = self.query(&[("forceNew", "1")]);
        self.api()
            .call(Method::POST, "/v13/deployments", &query, Some(body))
            .await
            .map(drop)
    }
}

fn in_production(variables: &Value, name: &str) -> bool {
    list(&variables["envs"]).iter().any(|variable| {
        variable["key"] == name
            && list(&variable["target"])
                .iter()
                .any(|target| target == "production")
    })
}
