//! Making a cluster.

use std::{fs, os::unix::fs::chown, path::Path};

use super::login::PASSWORD;
use crate::{
    error::{Error, Result},
    process::{self, Account},
};

pub(super) fn run(binaries: &Path, data: &Path, account: Option<&Account>) -> Result {
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
