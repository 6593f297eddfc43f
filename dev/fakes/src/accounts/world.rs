//! What the accounts hold.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::Failure;

/// The database of every project.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its port on this machine.
    pub port: u16,
    /// Its name.
    pub name: String,
    /// A role that owns the product's objects.
    pub user: String,
    /// The role's password.
    pub password: String,
}

/// What is not to be had.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// No project more, as on a free plan with two of them.
    pub no_project: bool,
    /// What only paid plans have: larger files, and refusing leaked passwords.
    pub free_plan: bool,
    /// Names under vercel.app that somebody else has.
    pub taken: Vec<String>,
    /// Builds fail.
    pub broken_build: bool,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) database: Database,
    pub(super) limits: Limits,
    pub(super) failure: Option<Failure>,
    pub(super) calls: Vec<String>,
    /// Calls since failures were last set.
    pub(super) since: usize,
    /// Supabase's projects.
    pub(super) projects: Vec<Value>,
    /// Vercel's projects.
    pub(super) sites: Vec<Value>,
    pub(super) variables: Vec<Value>,
    /// Values by variable id.
    pub(super) values: BTreeMap<String, String>,
    pub(super) domains: Vec<Value>,
    pub(super) deployments: Vec<Value>,
    pub(super) files: Vec<String>,
    pub(super) secrets: Vec<String>,
}

impl World {
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            limits: Limits::default(),
            failure: None,
            calls: Vec::new(),
            since: 0,
            projects: Vec::new(),
            sites: Vec::new(),
            variables: Vec::new(),
            values: BTreeMap::new(),
            domains: Vec::new(),
            deployments: Vec::new(),
            files: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// Notes a call, and tells its number.
    pub(super) fn count(&mut self, method: &str, path: &str) -> usize {
        self.calls.push(format!("{method} {path}"));
        self.since += 1;
        self.since
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let found = self.variables.iter().find(|one| one["key"] == name)?;
        self.values.get(found["id"].as_str()?).cloned()
    }

    pub(super) fn state(&self) -> Value {
        let without = |value: &Value, fields: &[&str]| {
            let mut value = value.clone();
            for field in fields {
                if let Some(secret) = value[*field].as_str() {
                    value[*field] = secret.len().into();
                }
            }
            value
        };
        let projects: Vec<Value> = self
            .projects
            .iter()
            .map(|one| without(one, &["db_pass"]))
            .collect();
        // A sensitive value differs from run to run, and so does the comment that tells values apart.
        let mut variables: Vec<Value> = self
            .variables
            .iter()
            .map(|one| without(one, &["comment", "id"]))
            .collect();
        variables.sort_by_key(|one| one["key"].to_string());
        let mut files = self.files.clone();
        files.sort();
        let deployments: Vec<Value> = self
            .deployments
            .iter()
            .map(|one| without(one, &["meta"]))
            .collect();
        json!({
            "projects": projects, "sites": self.sites, "variables": variables, "domains": self.domains,
            "deployments": deployments.iter().map(|one| &one["readyState"]).collect::<Vec<_>>(), "files": files,
        })
    }
}
