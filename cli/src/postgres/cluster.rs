//! A private Postgres cluster: made on first use, started, and stopped with the stack.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::Command as Blocking,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::process::Child;

use crate::{
    error::{Error, Result},
    process::{self, Account},
};

/// Where the cluster of a project's stack listens: the port of `supabase start`.
pub const USUAL_PORT: u16 = 54322;

/// The password of every login role. The cluster listens on the loopback address alone.
pub const PASSWORD: &str = "postgres";

/// How much a crash of the machine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A person's stack: the last moments may be lost, never the cluster.
    Kept,
    /// A stack that is thrown away after its command.
    Throwaway,
}

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
        let account = account()?;
        let data = place(state, account.as_ref())?;
        if !data.join("PG_VERSION").is_file() {
            create(&binaries, &data, account.as_ref())?;
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
        login(self.port, role)
    }

    /// Ends the cluster, cutting off whoever is still connected.
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

/// How to connect to a local cluster as a role.
pub fn login(port: u16, role: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(role)
        .password(PASSWORD)
        .database("postgres")
        .ssl_mode(sqlx::postgres::PgSslMode::Disable)
}

fn settings(port: u16, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=100".to_owned(),
        "shared_buffers=128MB".to_owned(),
        "shared_preload_libraries=pg_cron,pg_stat_statements".to_owned(),
        "cron.database_name=postgres".to_owned(),
        // The default asks libpq for a connection without a password, which this cluster does not have.
        "cron.use_background_workers=on".to_owned(),
        "max_worker_processes=16".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %u ".to_owned(),
        "synchronous_commit=off".to_owned(),
        "checkpoint_timeout=15min".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "jit=off".to_owned(),
        // As on hosted projects.
        "statement_timeout=120000".to_owned(),
    ];
    if durability == Durability::Throwaway {
        settings.extend(
            [
                "fsync=off",
                "full_page_writes=off",
                "autovacuum_naptime=10s",
            ]
            .map(str::to_owned),
        );
    }
    settings
}

/// The folder with `initdb` and `postgres`, of the newest version that also has pg_cron.
fn find_binaries() -> Result<PathBuf> {
    let mut found: Vec<(bool, u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            let cron = Path::new("/usr/share/postgresql")
                .join(entry.file_name())
                .join("extension/pg_cron.control");
            Some((cron.is_file(), version, entry.path().join("bin")))
        })
        .filter(|(_, _, bin)| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    found.sort();
    if let Some((cron, _, bin)) = found.pop() {
        if cron {
            return Ok(bin);
        }
    } else if let Some(bin) = from_pg_config() {
        return Ok(bin);
    }
    Err(Error::setup(
        "Postgres with pg_cron is not installed",
        "run `scripts/setup`, or install postgresql, postgresql-<version>-cron and postgresql-<version>-pgtap",
    ))
}

fn from_pg_config() -> Option<PathBuf> {
    let ask = |what: &str| {
        let output = Blocking::new("pg_config")
            .arg(what)
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
    };
    let (bin, share) = (ask("--bindir")?, ask("--sharedir")?);
    (bin.join("initdb").is_file() && share.join("extension/pg_cron.control").is_file())
        .then_some(bin)
}

/// Postgres refuses to run as root, so root's cluster runs as an account of the system.
fn account() -> Result<Option<Account>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    Account::named("postgres")
        .or_else(|| Account::named("nobody"))
        .map(Some)
        .ok_or_else(|| {
            Error::setup(
                "Postgres must not run as root and there is no account `postgres`",
                "add one: `adduser --system --group postgres`",
            )
        })
}

/// The data folder, owned by and reachable for the account that Postgres runs as. A folder below one that only root may
/// enter (a clone in /root) is a link to a place that the account can reach.
fn place(state: &Path, account: Option<&Account>) -> Result<PathBuf> {
    let wanted = state.join("postgres");
    fs::create_dir_all(state).map_err(Error::io(format!("cannot make {}", state.display())))?;
    let Some(account) = account else {
        fs::create_dir_all(&wanted)
            .map_err(Error::io(format!("cannot make {}", wanted.display())))?;
        return Ok(wanted);
    };
    let state = state
        .canonicalize()
        .map_err(Error::io(format!("cannot read {}", state.display())))?;
    let reachable = state
        .ancestors()
        .all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0));
    let data = if reachable {
        wanted
    } else {
        let name = state.to_string_lossy().replace('/', "-");
        let elsewhere = Path::new("/var/lib/catalyst").join(name.trim_start_matches('-'));
        fs::create_dir_all(&elsewhere)
            .map_err(Error::io(format!("cannot make {}", elsewhere.display())))?;
        if fs::read_link(&wanted).ok().as_deref() != Some(&elsewhere) {
            drop(fs::remove_file(&wanted));
            symlink(&elsewhere, &wanted)
                .map_err(Error::io(format!("cannot link {}", wanted.display())))?;
        }
        elsewhere
    };
    fs::create_dir_all(&data)
        .and_then(|()| chown(&data, Some(account.uid), Some(account.gid)))
        .and_then(|()| fs::set_permissions(&data, fs::Permissions::from_mode(0o700)))
        .map_err(Error::io(format!("cannot prepare {}", data.display())))?;
    Ok(data)
}

/// Removes the cluster of a state folder, wherever it is.
pub fn remove(state: &Path) -> Result {
    let wanted = state.join("postgres");
    let failed = |path: &Path| Error::io(format!("cannot remove {}", path.display()));
    if let Ok(elsewhere) = fs::read_link(&wanted) {
        fs::remove_file(&wanted).map_err(failed(&wanted))?;
        match fs::remove_dir_all(&elsewhere) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(&elsewhere)(error));
            }
            _ => return Ok(()),
        }
    }
    match fs::remove_dir_all(&wanted) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&wanted)(error)),
        _ => Ok(()),
    }
}

fn create(binaries: &Path, data: &Path, account: Option<&Account>) -> Result {
    // initdb wants the password in a file that its own account can read.
    let secret = tempfile::Builder::new()
        .prefix("catalyst-initdb-")
        .tempfile_in("/tmp")
        .map_err(Error::io("cannot write a file in /tmp"))?;
    fs::write(secret.path(), PASSWORD)
        .and_then(|()| match account {
            Some(account) => chown(secret.path(), Some(account.uid), Some(account.gid)),
            None => Ok(()),
        })
        .map_err(Error::io("cannot write a file in /tmp"))?;
    let mut command = process::command(&binaries.join("initdb"), account, "KILL").into_std();
    let output = command
        .arg("-D")
        .arg(data)
        .args([
            "--username=supabase_admin",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ])
        .arg(format!("--pwfile={}", secret.path().display()))
        .current_dir("/")
        .output()
        .map_err(Error::io("cannot run initdb"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::setup(
        format!(
            "initdb failed:\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        format!(
            "see whether {} can be written by the account that Postgres runs as",
            data.display()
        ),
    ))
}

fn check_version(binaries: &Path, data: &Path) -> Result {
    let made = fs::read_to_string(data.join("PG_VERSION"))
        .map_err(Error::io("cannot read the cluster's version"))?;
    let output = Blocking::new(binaries.join("postgres"))
        .arg("--version")
        .output()
        .map_err(Error::io("cannot run postgres"))?;
    let runs = String::from_utf8_lossy(&output.stdout);
    let major = runs
        .split_whitespace()
        .nth(2)
        .and_then(|version| version.split('.').next())
        .unwrap_or_default();
    if major == made.trim() {
        return Ok(());
    }
    Err(Error::setup(
        format!(
            "the local data was made by Postgres {}, and Postgres {major} is installed",
            made.trim()
        ),
        "`catalyst-dev reset` starts afresh with the installed version",
    ))
}

/// The folder of a cluster that is thrown away, reachable for the account that Postgres runs as.
///
/// # Errors
///
/// When it cannot be made.
pub fn throwaway_folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("catalyst-")
        .tempdir()
        .map_err(Error::io("cannot make a temporary folder"))?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))
        .map_err(Error::io("cannot open a temporary folder"))?;
    Ok(folder)
}
