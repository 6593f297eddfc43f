//! Verifying: a backup is good when it was restored.

use std::time::Instant;

use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

use super::age::Identity;
use super::error::BackupError;
use super::manifest::{Manifest, Verified};
use super::records;
use super::restore::{self, End, Plan, Restored};
use super::scratch::Scratch;
use super::store::Store;
use crate::error::{Error, Result};
use crate::migrate;
use crate::project::Project;

/// Restores a backup into an empty database, compares every table hash by hash, brings the migrations up, and rolls all of it
/// back. The store learns that the backup is good, and so does `database`.
///
/// # Errors
///
/// [`BackupError`] when the backup is not good; the database learns that, too.
pub async fn verify(
    project: &Project,
    store: &Store,
    wanted: &str,
    identities: &[Identity],
    scratch: Option<&PgConnectOptions>,
    database: Option<&PgConnectOptions>,
) -> Result<(String, Restored)> {
    let began = Instant::now();
    let (name, manifest) = store.find(wanted).await?;
    let tried = rehearse(project, store, &name, &manifest, identities, scratch).await;
    if let Ok(restored) = &tried {
        let verified = Verified {
            verified_at: Timestamp::now(),
            archive_sha256: manifest.archive.sha256.clone(),
            rows: restored.rows,
            seconds: (began.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        };
        store.put_verified(&name, &verified).await?;
    }
    // What says nothing about the backup is not written down against it.
    let failure = match &tried {
        Ok(_) => None,
        Err(Error::Backup(fault))
            if !matches!(
                fault,
                BackupError::Store(_)
                    | BackupError::NotForUs
                    | BackupError::Key { .. }
                    | BackupError::TooNew { .. }
            ) =>
        {
            Some(fault.to_string())
        }
        Err(_) => return tried.map(|restored| (name, restored)),
    };
    if let Some(database) = database {
        let mut connection = migrate::connect(database).await?;
        records::backup(&mut connection, &manifest, store.place()).await?;
        records::verification(&mut connection, &manifest.contents, failure.as_deref()).await?;
        drop(connection.close().await);
    }
    tried.map(|restored| (name, restored))
}

async fn rehearse(
    project: &Project,
    store: &Store,
    name: &str,
    manifest: &Manifest,
    identities: &[Identity],
    scratch: Option<&PgConnectOptions>,
) -> Result<Restored> {
    let archive = store.fetch(name, manifest).await?;
    let migrations = project.migrations();
    let plan = Plan {
        manifest,
        archive: archive.path(),
        identities,
        migrations: &migrations,
        store,
    };
    match scratch {
        Some(login) => restore::restore(login, &plan, End::RollBack).await,
        None => {
            let scratch = Scratch::start().await?;
            let restored = restore::restore(&scratch.login(), &plan, End::RollBack).await;
            scratch.stop().await;
            restored
        }
    }
}
