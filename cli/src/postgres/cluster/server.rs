//! A running cluster: made on first use, started, and stopped with the stack.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::process::Child;

use super::folder;
use super::programs::{check_version, find_binaries, initdb};
use crate::{Error, Result, postgres::connection::login, process};

/// How much a crash of the machine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A person's stack: the last moments may be lost, never the cluster.
    Kept,
    /// A stack that is thrown away after its command.
    Throwaway,
}

const SETTINGS: [&str; 20] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=100",
    "shared_buffers=128MB",
    "shared_preload_libraries=pg_cron,pg_stat_statements",
    "cron.database_name=postgres",
    // The default asks libpq for a connection without a password, which this cluster does not have.
    "cron.use_background_workers=on",
    "max_worker_processes=16",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] %u ",
    "synchronous_commit=off",
    "checkpoint_timeout=15min",
    "max_wal_size=2GB",
    "jit=off",
    // As on hosted projects.
    "statement_timeout=120000",
    // Slow statements, and those that change the schema; never the values, which may be secrets.
    "log_min_duration_statement=1000",
    "log_statement=ddl",
    "log_parameter_max_length=0",
    "track_activity_query_size=4096",
];
const THROWAWAY: [&str; 3] = [
    "fsync=off",
    "full_page_writes=off",
    "autovacuum_naptime=10s",
];

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
            initdb(&binaries, &data, account.as_ref())?;
        }
        check_version(&binaries, &data)?;

        let log = state.join("logs/postgres.log");
        let unwritten = Error::io(format!("cannot write {}", log.display()));
        let (stdout, stderr) = process::log_file(&log).map_err(unwritten)?;
        let mut command = process::command(&binaries.join("postgres"), account.as_ref(), "INT");
        command
            .arg("-D")
            .arg(&data)
            .arg("-c")
            .arg(format!("port={port}"));
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        if durability == Durability::Throwaway {
            command.args(THROWAWAY.iter().flat_map(|setting| ["-c", setting]));
        }
        command.current_dir("/").stdout(stdout).stderr(stderr);
        let child = command
            .spawn()
            .map_err(Error::io("cannot start Postgres"))?;
        let mut cluster = Self { child, port };
        cluster.wait_until_ready(&log).await?;
        Ok(cluster)
    }

    /// How to connect as a role.
    pub fn login(&self, role: &str) -> PgConnectOptions {
        login(self.port, role)
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
                let said = process::tail(log, 8);
                return Err(Error::setup(
                    format!("Postgres did not start: {refused}\n{said}"),
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
