//! Where backups are kept: a folder, or a bucket of anything that speaks S3.
//!
//! A backup is two files, `NAME.age` and `NAME.json`, and later a third, `NAME.verified.json`. The manifest is written
//! last, so that a backup that was cut off while it was stored is no backup.

mod bucket;
mod files;
#[cfg(test)]
mod tests;

use std::{fs::File, io::Read as _, path::Path};

use tempfile::NamedTempFile;

use self::files::Files;
use super::error::BackupError;
use super::manifest::{Manifest, Verified};
use super::retention::Item;
use crate::{Error, Result, sha256::Hashing};

/// A backup in a store.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its manifest, or why it has none that can be trusted.
    pub manifest: Result<Manifest, BackupError>,
    /// Its last verification.
    pub verified: Option<Verified>,
}

impl Entry {
    /// Whether a restore has shown that it is good.
    pub fn is_verified(&self) -> bool {
        match (&self.manifest, &self.verified) {
            (Ok(manifest), Some(verified)) => verified.archive_sha256 == manifest.archive.sha256,
            _ => false,
        }
    }
}

/// What retention judges by.
pub fn items(entries: &[Entry]) -> Vec<Item> {
    let item = |entry: &Entry| {
        let manifest = entry.manifest.as_ref().ok()?;
        Some(Item {
            name: entry.name.clone(),
            taken_at: manifest.contents.taken_at,
            verified: entry.is_verified(),
        })
    };
    entries.iter().filter_map(item).collect()
}

/// A place for backups.
#[derive(Debug)]
pub struct Store {
    files: Files,
}

impl Store {
    /// Opens a folder, or `s3://bucket/prefix` with the keys, region and endpoint of the environment
    /// (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`).
    ///
    /// # Errors
    ///
    /// When a bucket's settings are missing or malformed.
    pub fn open(place: &str) -> Result<Self> {
        Self::open_with(place, |name| std::env::var(name).ok())
    }

    /// [`Store::open`] with another environment.
    ///
    /// # Errors
    ///
    /// When a bucket's settings are missing or malformed.
    pub fn open_with(place: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let files = match place.strip_prefix("s3://") {
            Some(rest) => Files::bucket(rest, variable)?,
            None => Files::folder(place)?,
        };
        Ok(Self { files })
    }

    /// Where it is, without anything secret.
    pub fn place(&self) -> &str {
        &self.files.place
    }

    /// Keeps a backup: the archive first, its manifest last.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn put(&self, manifest: &Manifest, archive: &Path) -> Result {
        let name = manifest.name();
        self.files.put(&format!("{name}.age"), archive).await?;
        let manifest = manifest.write();
        self.files.write(&format!("{name}.json"), manifest).await
    }

    /// Notes that a backup was verified.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn put_verified(&self, name: &str, verified: &Verified) -> Result {
        let bytes = serde_json::to_vec_pretty(verified).unwrap_or_default();
        let name = format!("{name}.verified.json");
        self.files.write(&name, bytes).await
    }

    /// Every backup, oldest first.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn list(&self) -> Result<Vec<Entry>> {
        let files = self.files.names().await?;
        let names = files.iter().filter_map(|file| file.strip_suffix(".json"));
        let mut entries = Vec::new();
        for name in names.filter(|name| is_name(name)) {
            entries.push(self.entry(name, &files).await?);
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    async fn entry(&self, name: &str, files: &[String]) -> Result<Entry> {
        let file = format!("{name}.json");
        let mut manifest = Manifest::read(&file, &self.files.read(&file).await?);
        if !files.contains(&format!("{name}.age")) {
            manifest = Err(BackupError::Missing(format!("{name} has no archive")));
        }
        let mut verified = None;
        let file = format!("{name}.verified.json");
        if files.contains(&file) {
            verified = serde_json::from_slice(&self.files.read(&file).await?).ok();
        }
        Ok(Entry {
            name: name.to_owned(),
            manifest,
            verified,
        })
    }

    /// A backup by its name; the newest one for `latest`, the newest verified one for `verified`.
    ///
    /// # Errors
    ///
    /// When there is none, or its manifest cannot be trusted.
    pub async fn find(&self, wanted: &str) -> Result<(String, Manifest)> {
        let mut newest_first = self.list().await?.into_iter().rev();
        let (found, what) = match wanted {
            "latest" => (newest_first.next(), "no backup"),
            "verified" => (newest_first.find(Entry::is_verified), "no verified backup"),
            name => {
                let found = newest_first.find(|entry| entry.name == name);
                (found, &*format!("no backup {name}"))
            }
        };
        let place = self.place();
        let missing = || BackupError::Missing(format!("there is {what} in {place}"));
        let Entry { name, manifest, .. } = found.ok_or_else(missing)?;
        let manifest = manifest?;
        if manifest.name() != name {
            let what = format!("it is the manifest of {}", manifest.name());
            return Err(BackupError::Foreign(format!("{name}.json"), what).into());
        }
        Ok((name, manifest))
    }

    /// Fetches an archive and compares it with its manifest.
    ///
    /// # Errors
    ///
    /// When the store refuses, or the archive is not the one that was stored.
    pub async fn fetch(&self, name: &str, manifest: &Manifest) -> Result<NamedTempFile> {
        let copy = self.files.fetch(&format!("{name}.age")).await?;
        compare(copy.path(), manifest)?;
        Ok(copy)
    }

    /// Removes a backup: its manifest first, so that half of one is never taken for a whole one.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn remove(&self, name: &str) -> Result {
        for ending in ["json", "verified.json", "age"] {
            self.files.remove(&format!("{name}.{ending}")).await?;
        }
        Ok(())
    }
}

/// Whether an archive is the one that its manifest names.
fn compare(archive: &Path, manifest: &Manifest) -> Result {
    let failed = || Error::io(format!("cannot read {}", archive.display()));
    let mut hashing = Hashing::new(File::open(archive).map_err(failed())?);
    let mut buffer = vec![0; 256 * 1024];
    while hashing.read(&mut buffer).map_err(failed())? != 0 {}
    let (_, bytes, sha256) = hashing.finish();
    let wanted = &manifest.archive;
    let what = if bytes < wanted.bytes {
        format!(
            "it has {bytes} bytes of {}: its end is missing",
            wanted.bytes
        )
    } else if bytes > wanted.bytes || sha256 != wanted.sha256 {
        format!(
            "its SHA-256 is {sha256}, and the manifest says {}",
            wanted.sha256
        )
    } else {
        return Ok(());
    };
    Err(BackupError::Damaged(what).into())
}

/// Whether it names a backup: `20261122T020000Z-1f2e3d4c`.
fn is_name(name: &str) -> bool {
    let is_like = |(is, like): (u8, u8)| match like {
        b'0' => is.is_ascii_digit(),
        b'x' => is.is_ascii_hexdigit(),
        other => is == other,
    };
    let shape = "00000000T000000Z-xxxxxxxx";
    name.len() == shape.len() && name.bytes().zip(shape.bytes()).all(is_like)
}
