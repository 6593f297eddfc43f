//! Where backups are kept: a folder, or a bucket of anything that speaks S3.
//!
//! A backup is two files, `NAME.age` and `NAME.json`, and later a third, `NAME.verified.json`. The manifest is written
//! last, so that a backup that was cut off while it was stored is no backup.

mod bucket;
mod folder;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use tempfile::NamedTempFile;

use self::bucket::Remote;
use self::folder::Folder;
use super::archive::Hashing;
use super::fault::Fault;
use super::manifest::{Manifest, Verified};
use super::retention::Item;
use crate::error::{Error, Result};

/// A backup in a store.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its manifest, or why it has none that can be believed.
    pub manifest: std::result::Result<Manifest, Fault>,
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

/// A place for backups.
#[derive(Debug)]
pub struct Store {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder(Folder),
    Remote(Box<Remote>),
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
        let place = match place.strip_prefix("s3://") {
            Some(rest) => Place::Remote(Box::new(Remote::open(rest, variable)?)),
            None => Place::Folder(Folder::open(Path::new(place))),
        };
        Ok(Self { place })
    }

    /// Where it is, without anything secret.
    pub fn place(&self) -> String {
        match &self.place {
            Place::Folder(folder) => folder.path().display().to_string(),
            Place::Remote(remote) => remote.place(),
        }
    }

    /// Keeps a backup: the archive first, its manifest last.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn put(&self, manifest: &Manifest, archive: &Path) -> Result {
        let name = manifest.name();
        match &self.place {
            Place::Folder(folder) => folder.put_file(&format!("{name}.age"), archive)?,
            Place::Remote(remote) => remote.put_file(&format!("{name}.age"), archive).await?,
        }
        self.write(&format!("{name}.json"), manifest.write()).await
    }

    /// Notes that a backup was verified.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn put_verified(&self, name: &str, verified: &Verified) -> Result {
        let bytes = serde_json::to_vec_pretty(verified).unwrap_or_default();
        self.write(&format!("{name}.verified.json"), bytes).await
    }

    /// Every backup, oldest first.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn list(&self) -> Result<Vec<Entry>> {
        let files = match &self.place {
            Place::Folder(folder) => folder.names()?,
            Place::Remote(remote) => remote.names().await?,
        };
        let mut entries = Vec::new();
        for file in &files {
            let Some(name) = file.strip_suffix(".json").filter(|name| is_name(name)) else {
                continue;
            };
            let manifest = self.manifest(name).await?;
            let seal = format!("{name}.verified.json");
            let verified = if files.contains(&seal) {
                serde_json::from_slice(&self.read(&seal).await?).ok()
            } else {
                None
            };
            let manifest = if files.contains(&format!("{name}.age")) {
                manifest
            } else {
                Err(Fault::Missing {
                    what: format!("{name} has no archive"),
                })
            };
            entries.push(Entry {
                name: name.to_owned(),
                manifest,
                verified,
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// A backup by its name; the newest one for `latest`, the newest verified one for `verified`.
    ///
    /// # Errors
    ///
    /// When there is none, or its manifest cannot be believed.
    pub async fn find(&self, wanted: &str) -> Result<(String, Manifest)> {
        let missing = |what: String| Error::from(Fault::Missing { what });
        let entries = self.list().await?;
        let found = match wanted {
            "latest" => entries.into_iter().next_back(),
            "verified" => entries.into_iter().rev().find(Entry::is_verified),
            name => {
                let named = name.to_owned();
                entries.into_iter().find(|entry| entry.name == named)
            }
        };
        let entry = found.ok_or_else(|| {
            missing(match wanted {
                "latest" => format!("there is no backup in {}", self.place()),
                "verified" => format!("there is no verified backup in {}", self.place()),
                name => format!("there is no backup {name} in {}", self.place()),
            })
        })?;
        let manifest = entry.manifest?;
        if manifest.name() != entry.name {
            return Err(Fault::Foreign {
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
        let failed = || Error::io("cannot write a temporary file");
        let mut copy = NamedTempFile::new().map_err(failed())?;
        let file = format!("{name}.age");
        match &self.place {
            Place::Folder(folder) => {
                let mut source = folder.open_file(&file)?;
                std::io::copy(&mut source, &mut copy).map_err(failed())?;
            }
            Place::Remote(remote) => remote.get_file(&file, copy.as_file_mut()).await?,
        }
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
            let file = format!("{name}.{ending}");
            match &self.place {
                Place::Folder(folder) => folder.remove(&file)?,
                Place::Remote(remote) => remote.remove(&file).await?,
            }
        }
        Ok(())
    }

    async fn manifest(&self, name: &str) -> Result<std::result::Result<Manifest, Fault>> {
        let file = format!("{name}.json");
        let bytes = self.read(&file).await?;
        Ok(Manifest::read(&file, &bytes))
    }

    async fn read(&self, file: &str) -> Result<Vec<u8>> {
        match &self.place {
            Place::Folder(folder) => folder.read(file),
            Place::Remote(remote) => remote.read(file).await,
        }
    }

    async fn write(&self, file: &str, bytes: Vec<u8>) -> Result {
        match &self.place {
            Place::Folder(folder) => folder.write(file, &bytes),
            Place::Remote(remote) => remote.write(file, bytes).await,
        }
    }
}

/// What retention judges by.
pub fn items(entries: &[Entry]) -> Vec<Item> {
    entries
        .iter()
        .filter_map(|entry| {
            let manifest = entry.manifest.as_ref().ok()?;
            Some(Item {
                name: entry.name.clone(),
                taken_at: manifest.contents.taken_at,
                verified: entry.is_verified(),
            })
        })
        .collect()
}

/// Whether an archive is the one that its manifest names.
///
/// # Errors
///
/// [`Fault::Damaged`] when it is not.
pub(super) fn compare(archive: &Path, manifest: &Manifest) -> Result {
    let failed = || Error::io(format!("cannot read {}", archive.display()));
    let mut hashing = Hashing::new(File::open(archive).map_err(failed())?);
    let mut buffer = vec![0; 256 * 1024];
    while hashing.read(&mut buffer).map_err(failed())? != 0 {}
    let (_, bytes, sha256) = hashing.finish();
    let expected = &manifest.archive;
    if bytes < expected.bytes {
        return Err(Fault::damaged(format!(
            "it has {bytes} bytes of {}: its end is missing",
            expected.bytes
        ))
        .into());
    }
    if bytes > expected.bytes || sha256 != expected.sha256 {
        return Err(Fault::damaged(format!(
            "its SHA-256 is {sha256}, and the manifest says {}",
            expected.sha256
        ))
        .into());
    }
    Ok(())
}

/// `20261122T020000Z-1f2e3d4c`.
fn is_name(name: &str) -> bool {
    let shape = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text
                .bytes()
                .zip(pattern.bytes())
                .all(|(is, wanted)| match wanted {
                    b'0' => is.is_ascii_digit(),
                    b'x' => is.is_ascii_hexdigit(),
                    other => is == other,
                })
    };
    shape(name, "00000000T000000Z-xxxxxxxx")
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn only_our_names_are_backups() {
        assert!(is_name("20261122T020003Z-12345abc"));
        for other in [
            "",
            "notes",
            "20261122T020003Z-12345678.verified",
            "20261122T020003Z-1234567",
        ] {
            assert!(!is_name(other), "{other}");
        }
    }
}
