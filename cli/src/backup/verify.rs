//! Verifying: a backup is good when it was restored.

use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

use super::fault::Fault;
use super::manifest::{Manifest, Verified};
use super::restore::{self, End, Plan, Restored};
use super::sealed::Identity;
use super::store::Store;
use crate::error::{Error, Result};
use crate::migrate;
use crate::postgres::{Cluster, Durability, bootstrap, cluster, throwaway_folder};
use crate::process;
use crate::project::Project;

/// An empty database like that of a new project, on a server of its own that is thrown away afterwards.
#[derive(Debug)]
pub struct Scratch {
    cluster: Cluster,
    folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Scratch {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// When Postgres is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let temporary = throwaway_folder()?;
        let mut scratch = Self::start_in(temporary.path()).await?;
        scratch._temporary = Some(temporary);
        Ok(scratch)
    }

    /// Starts one in a folder of the caller's; what another left there is forgotten.
    ///
    /// # Errors
    ///
    /// When Postgres is not installed or does not start.
    pub async fn start_in(folder: &Path) -> Result<Self> {
        cluster::remove(folder)?;
        let port = process::free_port().map_err(Error::io("no free port"))?;
        let cluster = Cluster::start(folder, port, Durability::Throwaway).await?;
        bootstrap(&cluster).await?;
        Ok(Self {
            cluster,
            folder: folder.to_owned(),
            _temporary: None,
        })
    }

    /// How to connect to it, as a project's owner does.
    pub fn login(&self) -> PgConnectOptions {
        self.cluster.login("postgres")
    }

    /// Throws it away.
    pub async fn stop(self) {
        self.cluster.stop().await;
        if let Err(error) = cluster::remove(&self.folder) {
            tracing::warn!(%error, "a scratch database could not be removed");
        }
    }
}

/// Restores a backup into an empty database, compares every table hash by hash, brings the migrations up, and rolls all of it
/// back. The store learns that the backup is good, and so does `database`.
///
/// # Errors
///
/// [`Fault`] when the backup is not good; the database learns that, too.
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
                Fault::Store(_) | Fault::NotForUs | Fault::Key { .. } | Fault::TooNew { .. }
            ) =>
        {
            Some(fault.to_string())
        }
        Err(_) => return tried.map(|restored| (name, restored)),
    };
    if let Some(database) = database {
        let mut connection = migrate::connect(database).await?;
        super::create::record(&mut connection, &manifest, store).await?;
        restore::verified(&mut connection, &manifest.contents, failure.as_deref()).await?;
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
