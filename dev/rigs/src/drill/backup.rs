//! The backup that is taken while uploads run, and the recovery from it.

use std::path::Path;

use catalyst_cli::backup::{self, Identity, Store};
use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use catalyst_cli::recover::{self, Settings, deployment::Wanted};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use stack::{Options, Stack};

use super::jobs::{PATIENCE, POLL_EVERY};
use crate::{database::value, patience::until};

/// A backup, and what it takes to read it.
pub(super) struct Backup {
    folder: String,
    identity: Identity,
    login: PgConnectOptions,
    pub(super) name: String,
    pub(super) bytes: u64,
}

impl Backup {
    /// Takes a backup into a folder.
    pub(super) async fn take(stack: &Stack, folder: &Path) -> Result<Self> {
        let no_key = || Error::io("cannot make a key");
        let identity = Identity::generate().map_err(no_key())?;
        let recipient = identity.recipient().map_err(no_key())?;
        let url = stack
            .environment()
            .get("DATABASE_URL")
            .map_or("", String::as_str);
        let login = url
            .parse()
            .map_err(Error::database("the stack has no database"))?;
        let folder = folder.display().to_string();
        let manifest = backup::create(&login, &Store::open(&folder)?, &[recipient]).await?;
        let (name, bytes) = (manifest.name(), manifest.archive.bytes);
        println!("  backup      {} rows in {name}", manifest.contents.rows);
        Ok(Self {
            folder,
            identity,
            login,
            name,
            bytes,
        })
    }

    /// Restores it to see that it can be.
    pub(super) async fn verify(&self, project: &Project) -> Result {
        let (store, identities) = (Store::open(&self.folder)?, [self.identity.clone()]);
        let login = Some(&self.login);
        backup::verify(project, &store, "latest", &identities, None, login).await?;
        println!("  backup      verified by a restore");
        Ok(())
    }

    /// Recovers an empty server from it; the recovery's report.
    pub(super) async fn recover(
        self,
        project: &Project,
        stack: &Stack,
        options: &Options,
        lost_at: Timestamp,
    ) -> Result<Value> {
        let settings = Settings {
            store: Store::open(&self.folder)?,
            identities: vec![self.identity],
            backup: "verified".to_owned(),
            target: self.login,
            lost: None,
            lost_at: Some(lost_at),
            variables: stack.environment().clone(),
            wanted: Wanted::default(),
            apply: true,
        };
        let recovery = recover::recover(project, &settings);
        let (recovered, restarted) = tokio::join!(recovery, restart_data_api(stack, options));
        restarted?;
        recovered
    }
}

/// The Data API needs the restored schema.
async fn restart_data_api(stack: &Stack, options: &Options) -> Result {
    // Until it is there the database may not even answer.
    let is_restored = async || Ok(is_restored(stack).await.unwrap_or(false));
    until(
        "the database is restored",
        PATIENCE,
        POLL_EVERY,
        is_restored,
    )
    .await?;
    stack.restart_data_api(options).await
}

async fn is_restored(stack: &Stack) -> Result<bool> {
    let database = stack.database().await?;
    let restored = "select to_regclass('private.restores') is not null";
    let found = value(&database, restored, ()).await;
    database.close().await;
    found
}
