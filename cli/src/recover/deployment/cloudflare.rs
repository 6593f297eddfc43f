//! Cloudflare: what names point at.

use std::collections::BTreeMap;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;

use super::api::{Api, list};
use super::change::Change;
use crate::error::Result;

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
        self.api()
            .call(Method::PATCH, &path, &[], Some(body))
            .await
            .map(drop)
    }
}
