//! A running cluster: made on first use, started, and stopped with the stack.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::process::Child;

use super::{
    folder, initdb, login,
    programs::{check_version, find_binaries},
    settings::{Durability, settings},
};
use crate::{
    error::{Error, Result},
    process,
};

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    child: Child,
    port: u16,
}

impl Cluster {
    /// Starts the cluster in `state/postgres`, making it first when there is none.
    pub async fn start(state: &Path, port: u16, durability: Durability) -> Result<Self> {
        let binaries = find_binaries()?;
        let account = folder::account()?;
        let data = folder::prepare(state, account.as_ref())?;
        if !data.join("PG_VERSION").is_file() {
            initdb::run(&binaries, &data, account.as_ref())?;
        }
        check_version(&binaries, &data)?;

        let log = state.join("logs/postgres.log");
        let (stdout, stderr) = process::log_file(&log)
            .map_err(Error::io(format!("cannot write {}", log.display())))?;
        let mut command = process::command(&binaries.join("postgres"), account.as_ref(), "INT");
        command.arg("-D").arg(&data);
        for setting in settings(port, durability) {
            command.args(["-c", &setting]);
        }
        let child = command
            .current_dir("/")
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(Error::io("cannot start Postgres"))?;
        let mut cluster = Self { child, port };
        cluster.wait_until_ready(&log).await?;
        Ok(cluster)
    }

    /// How to connect as a role.
    pub fn login(&self, role: &str) -> PgConnectOptions {
        login::login(self.port, role)
    }

    /// Ends the cluster and every open connection.
    pub async fn stop(mut self) {
        process::stop(&mut self.child, Signal::INT, Duration::from_secs(20)).await;
    }

    /// Ends the server at this very moment, as a power failure would.
    pub async fn kill(mut self) {
        process::signal(&self.child, Signal::KILL);
        drop(self.child.wait().await);
    }

    /// Whether the server still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    async fn wait_until_ready(&mut self, log: &Path) -> Result {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let refused = match PgConnection::connect_with(&self.login("supabase_admin")).await {
                Ok(connection) => {
                    drop(connection.close().await);
                    return Ok(());
                }
                Err(error) => error,
            };
            if !self.is_running() || Instant::now() > deadline {
                return Err(Error::setup(
                    format!(
                        "Postgres did not start: {refused}\n{}",
                        process::tail(log, 8)
                    ),
                    format!(
                        "its log is {}; `catalyst-dev reset` starts afresh",
                        log.display()
                    ),
                ));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
