//! The data folder of a cluster, and the account that it belongs to.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind::NotFound};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use crate::{Error, Result, process::Account};

/// Postgres refuses to run as root, so root's cluster runs as an account of the system.
pub(super) fn account() -> Result<Option<Account>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let account = Account::named("postgres").or_else(|| Account::named("nobody"));
    account.map(Some).ok_or_else(|| {
        Error::setup(
            "Postgres must not run as root and there is no account `postgres`",
            "add one: `adduser --system --group postgres`",
        )
    })
}

fn cannot(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    Error::io(format!("cannot {verb} {}", path.display()))
}

fn make(folder: &Path) -> Result {
    fs::create_dir_all(folder).map_err(cannot("make", folder))
}

/// The data folder, owned by and reachable for the account that Postgres runs as. A folder below one that only root may
/// enter (a clone in /root) is a link to a place that the account can reach.
pub(super) fn prepare(state: &Path, account: Option<&Account>) -> Result<PathBuf> {
    let wanted = state.join("postgres");
    make(state)?;
    let Some(account) = account else {
        make(&wanted)?;
        return Ok(wanted);
    };
    let state = state.canonicalize().map_err(cannot("read", state))?;
    let reachable = state
        .ancestors()
        .all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0));
    let data = if reachable {
        wanted
    } else {
        let name = state.to_string_lossy().replace('/', "-");
        let elsewhere = Path::new("/var/lib/catalyst").join(name.trim_start_matches('-'));
        make(&elsewhere)?;
        if fs::read_link(&wanted).ok().as_deref() != Some(&elsewhere) {
            drop(fs::remove_file(&wanted));
            symlink(&elsewhere, &wanted).map_err(cannot("link", &wanted))?;
        }
        elsewhere
    };
    make(&data)?;
    chown(&data, Some(account.uid), Some(account.gid))
        .and_then(|()| fs::set_permissions(&data, Permissions::from_mode(0o700)))
        .map_err(cannot("prepare", &data))?;
    Ok(data)
}

/// Removes the cluster of a state folder, wherever it is.
pub fn remove(state: &Path) -> Result {
    let wanted = state.join("postgres");
    let mut data = wanted.clone();
    if let Ok(elsewhere) = fs::read_link(&wanted) {
        fs::remove_file(&wanted).map_err(cannot("remove", &wanted))?;
        data = elsewhere;
    }
    match fs::remove_dir_all(&data) {
        Err(error) if error.kind() != NotFound => Err(cannot("remove", &data)(error)),
        _ => Ok(()),
    }
}

/// The folder of a cluster that is thrown away, reachable for the account that Postgres runs as.
///
/// # Errors
///
/// When it cannot be made.
pub fn throwaway_folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("catalyst-").tempdir();
    let folder = folder.map_err(Error::io("cannot make a temporary folder"))?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711))
        .map_err(Error::io("cannot open a temporary folder"))?;
    Ok(folder)
}
