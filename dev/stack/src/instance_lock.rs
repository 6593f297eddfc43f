//! The lock of a stack that runs for a person, by which another command finds it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use catalyst_cli::error::{Error, Result};

#[derive(Debug)]
pub(crate) struct InstanceLock {
    _lock: fs::File,
    path: PathBuf,
}

impl InstanceLock {
    /// Claims a state folder; refuses when another process holds it.
    pub(crate) fn claim(state: &Path) -> Result<Self> {
        fs::create_dir_all(state).map_err(Error::io(format!("cannot make {}", state.display())))?;
        let path = state.join("up.pid");
        let failed = || Error::io(format!("cannot write {}", path.display()));
        let lock = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(state.join("lock"))
            .map_err(failed())?;
        if lock.try_lock().is_err() {
            return Err(Error::setup(
                "a stack already runs in this folder",
                "use it, or stop it with `catalyst-dev down`",
            ));
        }
        fs::write(&path, std::process::id().to_string()).map_err(failed())?;
        Ok(Self { _lock: lock, path })
    }

    /// The process that runs the stack of a state folder.
    pub(crate) fn find(state: &Path) -> Option<i32> {
        let lock = fs::File::open(state.join("lock")).ok()?;
        // A lock that can be taken is held by nobody.
        if lock.try_lock().is_ok() {
            return None;
        }
        fs::read_to_string(state.join("up.pid"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}
