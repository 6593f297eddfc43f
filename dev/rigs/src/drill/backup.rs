//! The backup that is taken while uploads run, and the recovery from it.

use std::path::Path;

use catalyst_cli::backup::{self, Identity, SigningKey, Store, Trust};
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
pub(crate) struct Backup {
    folder: String,
    identity: Identity,
    signer: SigningKey,
    verifier: SigningKey,
    login: PgConnectOptions,
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// The tables that had no row.
    pub(super) empty_tables: Vec<String>,
}

impl Backup {
    /// Takes a backup into a folder.
    pub(crate) async fn take(stack: &Stack, folder: &Path) -> Result<Self> {
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
        let [signer, verifier] = [SigningKey::generate(), SigningKey::generate()];
        let (signer, verifier) = (signer.map_err(no_key())?, verifier.map_err(no_key())?);
        let store = Store::open(&folder)?;
        let manifest = backup::create(&login, &store, &[recipient], &signer).await?;
        let (name, bytes) = (manifest.name(), manifest.archive.bytes);
        let tables = manifest.contents.tables.iter();
        let empty = tables
            .filter(|table| table.rows == 0)
            .map(backup::Table::full_name);
        let empty_tables = empty.collect();
        println!("  backup      {} rows in {name}", manifest.contents.rows);
        Ok(Self {
            folder,
            identity,
            signer,
            verifier,
            login,
            name,
            bytes,
            empty_tables,
        })
    }

    fn store(&self) -> Result<Store> {
        Ok(Store::open(&self.folder)?.trusting(Trust {
            signers: vec![self.signer.public()],
            verifiers: vec![self.verifier.public()],
        }))
    }

    /// Puts beside it what was erased since.
    pub(super) async fn put_erasures_aside(&self) -> Result {
        let count = backup::put_aside(&self.login, &self.store()?, &self.signer).await?;
        println!("  erasures    {count} put beside the backup");
        Ok(())
    }

    /// Restores it to see that it can be.
    pub(crate) async fn verify(&self, project: &Project) -> Result {
        let (store, identities) = (self.store()?, [self.identity.clone()]);
        let (key, login) = (&self.verifier, Some(&self.login));
        backup::verify(project, &store, "latest", &identities, key, None, login).await?;
        println!("  backup      verified by a restore");
        Ok(())
    }

    /// Recovers an empty server from it; the recovery's report.
    pub(crate) async fn recover(
        self,
        project: &Project,
        stack: &Stack,
        options: &Options,
        lost_at: Timestamp,
    ) -> Result<Value> {
        let settings = Settings {
            store: self.store()?,
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
