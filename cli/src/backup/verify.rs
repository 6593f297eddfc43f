//! Verifying: a backup is good when it was restored, here into a scratch server.

use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use sqlx::{Connection as _, postgres::PgConnectOptions};

use super::age::Identity;
use super::error::BackupError;
use super::manifest::{Manifest, Verified};
use super::restore::{self, End, Plan, Restored};
use super::{records, signature::SigningKey, store::Store};
use crate::postgres::{Cluster, Durability, bootstrap, cluster, connection, throwaway_folder};
use crate::{Error, Result, process, project::Project};

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
    signing_key: &SigningKey,
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
        store.put_verified(&name, &verified, signing_key).await?;
    }
    let failure = tried.as_ref().err().map(failure_of);
    if let Some(database) = database
        && failure != Some(None)
    {
        let mut connection = connection::connect(database).await?;
        records::backup(&mut connection, &manifest, store.place()).await?;
        let failure = failure.flatten();
        records::verification(&mut connection, &manifest.contents, failure.as_deref()).await?;
        drop(connection.close().await);
    }
    tried.map(|restored| (name, restored))
}

/// What an error says against the backup; none where it is about something else, which is not written down.
fn failure_of(error: &Error) -> Option<String> {
    use BackupError::{Key, NotForUs, Store, TooNew};
    match error {
        Error::Backup(Store(_) | NotForUs | Key(_) | TooNew { .. }) => None,
        Error::Backup(fault) => Some(fault.to_string()),
        _ => None,
    }
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
    let (archive, migrations) = (archive.path(), &project.migrations());
    let plan = Plan {
        manifest,
        archive,
        identities,
        migrations,
        store,
    };
    if let Some(login) = scratch {
        return restore::restore(login, &plan, End::RollBack).await;
    }
    let scratch = Scratch::start().await?;
    let restored = restore::restore(&scratch.login(), &plan, End::RollBack).await;
    scratch.stop().await;
    restored
}

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
        // Up to Postgres 15 whoever may make roles can also become one that runs programs on this machine.
        let mut admin = connection::connect_as(&cluster.login("supabase_admin")).await?;
        let doing = "cannot prepare a scratch database";
        connection::execute(&mut admin, "alter role postgres nocreaterole", doing).await?;
        drop(admin.close().await);
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
