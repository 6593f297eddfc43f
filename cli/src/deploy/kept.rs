//! What a run must not lose: the file `.env.deploy.<name>`, which only its owner may read.
//!
//! It is written before a value goes anywhere, so that a run which is killed at that moment finds the same value again.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::refusal::stop;
use super::report::Report;
use crate::project::read_dotenv;
use crate::{Error, Result};

/// The beginning of the file's name.
pub(super) const FILE: &str = ".env.deploy.";

const HEAD: &str = "\
# Made by `catalyst deploy`. Keep a copy where nobody else can read it: TOKEN_ENCRYPTION_KEYS is told by nobody again, and without it
# every channel must be connected anew. `catalyst backup`, `migrate` and `keys` take DATABASE_URL from here.
";

/// The file, held by this run alone.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    values: BTreeMap<String, String>,
    dry_run: bool,
    /// Released when the process ends, however that happens.
    _lock: Option<File>,
}

impl Kept {
    /// Opens the file of a deployment; there need be none yet.
    ///
    /// # Errors
    ///
    /// When another run holds it, or it cannot be read.
    pub(super) fn open(folder: &Path, name: &str, dry_run: bool, report: &Report) -> Result<Self> {
        let path = folder.join(format!("{FILE}{name}"));
        let lock = if dry_run {
            None
        } else {
            Some(lock(folder, name)?)
        };
        let values = match path.exists() {
            true => read_dotenv(&path)?,
            false => BTreeMap::new(),
        };
        for name in ["DATABASE_PASSWORD", "DATABASE_URL", "TOKEN_ENCRYPTION_KEYS"] {
            if let Some(value) = values.get(name) {
                report.hide(value);
            }
        }
        Ok(Self {
            path,
            values,
            dry_run,
            _lock: lock,
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Keeps a value: when this returns, it is on the disk.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result {
        if self.get(name) == Some(value) {
            return Ok(());
        }
        self.values.insert(name.to_owned(), value.to_owned());
        if self.dry_run {
            return Ok(());
        }
        let path = self.path.clone();
        let failed = || Error::io(format!("cannot write {}", path.display()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        // Made with mode 0600; it takes the name of the old one when it is whole.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
        let lines: String = self
            .values
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        file.write_all(format!("{HEAD}{lines}").as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed())?;
        file.persist(&self.path)
            .map_err(|error| failed()(error.error))?;
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed())
    }
}

/// Two runs at once would both make what is missing.
fn lock(folder: &Path, name: &str) -> Result<File> {
    let folder = folder.join(".catalyst");
    let path = folder.join(format!("deploy.{name}.lock"));
    let failed = || Error::io(format!("cannot open {}", path.display()));
    std::fs::create_dir_all(&folder).map_err(failed())?;
    let file = File::create(&path).map_err(failed())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(stop(
            format!("another `catalyst deploy` of {name} is running here"),
            "wait for it, or end it",
        )),
        Err(TryLockError::Error(error)) => Err(failed()(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_kept_is_its_owner_s_alone_and_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let report = Report::default();
        let open = || Kept::open(folder.path(), "x", false, &report);
        let mut kept = open().unwrap();
        kept.set("TOKEN_ENCRYPTION_KEYS", "k1:abc=").unwrap();
        let refused = open().unwrap_err().to_string();
        assert!(refused.contains("is running here"), "{refused}");
        drop(kept);
        assert_eq!(
            open().unwrap().get("TOKEN_ENCRYPTION_KEYS"),
            Some("k1:abc=")
        );
        let path = folder.path().join(".env.deploy.x");
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
