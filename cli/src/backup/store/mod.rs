//! Where backups are kept: a folder, or a bucket of anything that speaks S3.
//!
//! A backup is two files, `NAME.age` and `NAME.json`, and later a third, `NAME.verified.json`. The manifest is written
//! last, so that a backup that was cut off while it was stored is no backup.

mod archive;
mod bucket;
mod entry;
mod files;
mod http;
mod name;

use std::path::Path;

use tempfile::NamedTempFile;

use self::archive::compare;
pub use self::entry::{Entry, items};
use self::files::Files;
use self::name::is_name;
use crate::backup::error::BackupError;
use crate::backup::manifest::{Manifest, Verified};
use crate::error::Result;

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
        let manifest = Manifest::read(&file, &self.files.read(&file).await?);
        let manifest = if files.contains(&format!("{name}.age")) {
            manifest
        } else {
            Err(BackupError::Missing {
                what: format!("{name} has no archive"),
            })
        };
        let verified = format!("{name}.verified.json");
        let verified = if files.contains(&verified) {
            serde_json::from_slice(&self.files.read(&verified).await?).ok()
        } else {
            None
        };
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
            "latest" => (newest_first.next(), "no backup".to_owned()),
            "verified" => (
                newest_first.find(Entry::is_verified),
                "no verified backup".to_owned(),
            ),
            name => (
                newest_first.find(|entry| entry.name == name),
                format!("no backup {name}"),
            ),
        };
        let entry = found.ok_or_else(|| BackupError::Missing {
            what: format!("there is {what} in {}", self.place()),
        })?;
        let manifest = entry.manifest?;
        if manifest.name() != entry.name {
            return Err(BackupError::Foreign {
                name: format!("{}.json", entry.name),
                what: format!("it is the manifest of {}", manifest.name()),
            }
            .into());
        }
        Ok((entry.name, manifest))
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
