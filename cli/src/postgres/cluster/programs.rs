//! The installed programs of Postgres, and making a cluster with them.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::{fs, process::Command};

use crate::process::{self, Account};
use crate::{Error, Result, postgres::connection::PASSWORD};

/// The folder with `initdb` and `postgres`, of the newest version that also has pg_cron.
pub(super) fn find_binaries() -> Result<PathBuf> {
    let entries = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<(bool, u32, PathBuf)> =
        entries.filter_map(|entry| version(&entry.path())).collect();
    found.sort();
    let binaries = match found.pop() {
        Some((cron, _, bin)) => cron.then_some(bin),
        None => from_pg_config(),
    };
    binaries.ok_or_else(|| {
        Error::setup(
            "Postgres with pg_cron is not installed",
            "run `scripts/setup`, or install postgresql, postgresql-<version>-cron and postgresql-<version>-pgtap",
        )
    })
}

/// Whether an installed version has pg_cron, its number, and its folder.
fn version(folder: &Path) -> Option<(bool, u32, PathBuf)> {
    let version = folder.file_name()?.to_str()?.parse().ok()?;
    let cron = format!("/usr/share/postgresql/{version}/extension/pg_cron.control");
    let bin = folder.join("bin");
    (bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .then(|| (Path::new(&cron).is_file(), version, bin))
}

fn from_pg_config() -> Option<PathBuf> {
    let ask = |what: &str| {
        let output = Command::new("pg_config").arg(what).output().ok()?;
        let said = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| PathBuf::from(said.trim()))
    };
    let (bin, share) = (ask("--bindir")?, ask("--sharedir")?);
    (bin.join("initdb").is_file() && share.join("extension/pg_cron.control").is_file())
        .then_some(bin)
}

/// Refuses data that another version made.
pub(super) fn check_version(binaries: &Path, data: &Path) -> Result {
    let made = fs::read_to_string(data.join("PG_VERSION"))
        .map_err(Error::io("cannot read the cluster's version"))?;
    let mut postgres = Command::new(binaries.join("postgres"));
    let output = postgres
        .arg("--version")
        .output()
        .map_err(Error::io("cannot run postgres"))?;
    let runs = String::from_utf8_lossy(&output.stdout);
    let version = runs.split_whitespace().nth(2).unwrap_or_default();
    let (major, made) = (version.split('.').next().unwrap_or_default(), made.trim());
    if major == made {
        return Ok(());
    }
    Err(Error::setup(
        format!("the local data was made by Postgres {made}, and Postgres {major} is installed"),
        "`catalyst-dev reset` starts afresh with the installed version",
    ))
}

/// Makes a cluster.
pub(super) fn initdb(binaries: &Path, data: &Path, account: Option<&Account>) -> Result {
    let unwritten = || Error::io("cannot write a file in /tmp");
    // initdb wants the password in a file that its own account can read.
    let mut secret = tempfile::Builder::new();
    let secret = secret
        .prefix("catalyst-initdb-")
        .tempfile_in("/tmp")
        .map_err(unwritten())?;
    fs::write(secret.path(), PASSWORD).map_err(unwritten())?;
    if let Some(account) = account {
        chown(secret.path(), Some(account.uid), Some(account.gid)).map_err(unwritten())?;
    }
    let mut command = process::command(&binaries.join("initdb"), account, "KILL").into_std();
    command.arg("-D").arg(data);
    command.args([
        "--username=supabase_admin",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
    ]);
    command.args(["--locale=C.UTF-8", "--no-sync"]);
    command
        .arg(format!("--pwfile={}", secret.path().display()))
        .current_dir("/");
    let output = command.output().map_err(Error::io("cannot run initdb"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let data = data.display();
    Err(Error::setup(
        format!("initdb failed:\n{}", said.trim()),
        format!("see whether {data} can be written by the account that Postgres runs as"),
    ))
}
