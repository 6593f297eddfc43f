//! Backups in a folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn names(&self) -> Result<Vec<String>> {
        let failed = || Error::io(format!("cannot read {}", self.path.display()));
        let mut names = Vec::new();
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(names),
            Err(error) => return Err(failed()(error)),
        };
        for entry in entries {
            names.extend(entry.map_err(failed())?.file_name().into_string().ok());
        }
        Ok(names)
    }

    pub(super) fn open_file(&self, name: &str) -> Result<File> {
        let path = self.path.join(name);
        File::open(&path).map_err(Error::io(format!("cannot read {}", path.display())))
    }

    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.path.join(name);
        fs::read(&path).map_err(Error::io(format!("cannot read {}", path.display())))
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result {
        self.place(name, |file| std::io::Write::write_all(&mut &*file, bytes))
    }

    pub(super) fn put_file(&self, name: &str, source: &Path) -> Result {
        self.place(name, |file| {
            std::io::copy(&mut File::open(source)?, &mut &*file).map(drop)
        })
    }

    /// A file appears whole or not at all, and stays after a power failure.
    fn place(&self, name: &str, fill: impl FnOnce(&File) -> std::io::Result<()>) -> Result {
        let path = self.path.join(name);
        let partial = self.path.join(format!("{name}.partial"));
        let write = || {
            fs::create_dir_all(&self.path)?;
            let file = File::create(&partial)?;
            fill(&file)?;
            file.sync_all()?;
            fs::rename(&partial, &path)?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|error: std::io::Error| {
            drop(fs::remove_file(&partial));
            Error::io(format!("cannot write {}", path.display()))(error)
        })
    }

    pub(super) fn remove(&self, name: &str) -> Result {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(format!(
                "cannot remove {}",
                path.display()
            ))(error)),
            _ => Ok(()),
        }
    }
}
