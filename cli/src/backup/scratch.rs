//! A server of its own to restore into, thrown away afterwards.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

use crate::error::{Error, Result};
use crate::postgres::{Cluster, Durability, bootstrap, cluster, throwaway_folder};
use crate::process;

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
