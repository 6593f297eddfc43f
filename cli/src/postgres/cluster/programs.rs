//! The installed programs of Postgres.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::error::{Error, Result};

/// The folder with `initdb` and `postgres`, of the newest version that also has pg_cron.
pub(super) fn find_binaries() -> Result<PathBuf> {
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
        let output = Command::new("pg_config")
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

/// Refuses data that another version made.
pub(super) fn check_version(binaries: &Path, data: &Path) -> Result {
    let made = fs::read_to_string(data.join("PG_VERSION"))
        .map_err(Error::io("cannot read the cluster's version"))?;
    let output = Command::new(binaries.join("postgres"))
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
