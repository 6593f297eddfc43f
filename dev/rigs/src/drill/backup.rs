//! The backup that is taken while uploads run, and the recovery from it.

use std::path::Path;
use std::time::Instant;

use catalyst_cli::backup::{self, Identity, Store};
use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use catalyst_cli::recover::{self, Settings, deployment::Wanted};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use stack::{Options, Stack};

use super::database::{self, PATIENCE, POLL_EVERY, number};

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
        let identity = Identity::generate().map_err(Error::io("cannot make a key"))?;
        let recipient = identity
            .recipient()
            .map_err(Error::io("cannot make a key"))?;
        let login = database::login(stack)?;
        let folder = folder.display().to_string();
        let manifest = backup::create(&login, &Store::open(&folder)?, &[recipient]).await?;
        let name = manifest.name();
        println!("  backup      {} rows in {name}", manifest.contents.rows);
        let bytes = manifest.archive.bytes;
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
        backup::verify(
            project,
            &store,
            "latest",
            &identities,
            None,
            Some(&self.login),
        )
        .await?;
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

/// The Data API needs the restored schema; until it is there this is tried again.
async fn restart_data_api(stack: &Stack, options: &Options) -> Result {
    let began = Instant::now();
    loop {
        if is_restored(stack).await.unwrap_or(false) {
            return stack.restart_data_api(options).await;
        }
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                "nothing was restored",
                "see the report of the recovery",
            ));
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

async fn is_restored(stack: &Stack) -> Result<bool> {
    let database = stack.database().await?;
    let restores = "select count(*) from pg_class where oid = to_regclass('private.restores')";
    let found = number(&database, restores).await;
    database.close().await;
    Ok(found? == 1)
}
