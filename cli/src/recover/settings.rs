//! What a recovery needs to know.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::postgres::PgConnectOptions;

use super::deployment::Wanted;
use crate::backup::{Identity, Store};
use crate::error::{Error, Result};

/// Everything a recovery needs to know.
#[derive(Debug)]
pub struct Settings {
    /// Where the backups are.
    pub store: Store,
    /// Who opens them.
    pub identities: Vec<Identity>,
    /// Which one.
    pub backup: String,
    /// The empty database.
    pub target: PgConnectOptions,
    /// The lost one.
    pub lost: Option<PgConnectOptions>,
    /// When it was lost.
    pub lost_at: Option<Timestamp>,
    /// The deployment's variables, those of the new project included.
    pub variables: BTreeMap<String, String>,
    /// What is to point at the new project.
    pub wanted: Wanted,
    /// Whether to do it.
    pub apply: bool,
}

impl Settings {
    /// A variable of the deployment.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Where the dispatcher is, and the secret that wakes it.
    pub(super) fn dispatcher(&self) -> Result<(&str, &str)> {
        self.variable("APP_URL")
            .zip(self.variable("CRON_SECRET"))
            .ok_or_else(|| {
                Error::setup(
                    "APP_URL or CRON_SECRET is not set",
                    "the database wakes the dispatcher with both: give them with --new-env",
                )
            })
    }
}
