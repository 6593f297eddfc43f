//! The data folder of a cluster, and the account that it belongs to.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    process::Account,
};

/// Postgres refuses to run as root, so root's cluster runs as an account of the system.
pub(super) fn account() -> Result<Option<Account>> {
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
pub(super) fn prepare(state: &Path, account: Option<&Account>) -> Result<PathBuf> {
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
