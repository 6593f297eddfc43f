//! Where backups are kept: a folder, or a bucket of anything that speaks S3.
//!
//! A backup is `NAME.age`, its manifest `NAME.json`, and later `NAME.verified.json`; the last two have a signature beside them
//! (`.minisig`). The manifest is written last, so that a backup that was cut off while it was stored is no backup. What
//! was erased since lies beside the backups as `NAME.erasures.json`, signed as well.

mod bucket;
mod files;
#[cfg(test)]
mod tests;

use std::{fs::File, io::Read as _, path::Path};

use jiff::Timestamp;
use tempfile::NamedTempFile;

use self::files::Files;
use super::error::BackupError;
use super::manifest::{Manifest, Verified};
use super::retention::Item;
use super::signature::{self, PublicKey, SigningKey, Trust};
use crate::sha256::{Hashing, checksum};
use crate::{Error, Result};

/// How the lists of what was erased end.
const ERASURES: &str = "erasures.json";

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

    /// Whether somebody may have put it there, or changed it.
    fn is_suspicious(&self) -> bool {
        use BackupError::{Foreign, Manifest, Untrusted};
        matches!(
            &self.manifest,
            Err(Untrusted(..) | Manifest(..) | Foreign(..))
        )
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
    trust: Trust,
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
        let trust = Trust::default();
        Ok(Self { files, trust })
    }

    /// Believes what these keys have signed; without them nothing is believed.
    pub fn trusting(self, trust: Trust) -> Self {
        Self { trust, ..self }
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
    pub async fn put(&self, manifest: &Manifest, archive: &Path, key: &SigningKey) -> Result {
        let name = manifest.name();
        self.files.put(&format!("{name}.age"), archive).await?;
        self.write(&format!("{name}.json"), manifest.write(), key)
            .await
    }

    /// Notes that a backup was verified.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub async fn put_verified(&self, name: &str, verified: &Verified, key: &SigningKey) -> Result {
        let bytes = serde_json::to_vec_pretty(verified).unwrap_or_default();
        self.write(&format!("{name}.verified.json"), bytes, key)
            .await
    }

    /// Writes a file, and before it its signature.
    async fn write(&self, file: &str, bytes: Vec<u8>, key: &SigningKey) -> Result {
        let signature = key.sign(file, &bytes).into_bytes();
        self.files
            .write(&format!("{file}.minisig"), signature)
            .await?;
        self.files.write(file, bytes).await
    }

    /// Reads one of the store's files, if one of these keys has signed it.
    async fn read(
        &self,
        file: &str,
        keys: &[PublicKey],
        files: &[String],
    ) -> Result<Result<Vec<u8>, BackupError>> {
        let bytes = self.files.read(file).await?;
        let mut signature = None;
        let beside = format!("{file}.minisig");
        if files.contains(&beside) {
            signature = Some(self.files.read(&beside).await?);
        }
        Ok(signature::check(keys, file, &bytes, signature.as_deref()).map(|()| bytes))
    }

    /// Keeps the hashes of what was erased.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub(super) async fn put_erasures(
        &self,
        at: Timestamp,
        hashes: &[String],
        key: &SigningKey,
    ) -> Result {
        let at = at.strftime("%Y%m%dT%H%M%SZ");
        let id = checksum(hashes.concat().as_bytes());
        let file = format!("{at}-{}.{ERASURES}", &id[..8]);
        let bytes = serde_json::to_vec_pretty(hashes).unwrap_or_default();
        self.write(&file, bytes, key).await
    }

    /// The hashes of everything that was erased, as far as it lies here.
    ///
    /// # Errors
    ///
    /// When the store refuses, or a list of them cannot be trusted: one that was left out would bring somebody back.
    pub(super) async fn erasures(&self) -> Result<Vec<String>> {
        let files = self.files.names().await?;
        let mut hashes = Vec::new();
        for file in files.iter().filter(|file| erasures_of(file).is_some()) {
            let bytes = self.read(file, &self.trust.signers, &files).await??;
            let listed: Result<Vec<String>, _> = serde_json::from_slice(&bytes);
            hashes.extend(
                listed.map_err(|error| BackupError::Manifest(file.clone(), error.to_string()))?,
            );
        }
        Ok(hashes)
    }

    /// Removes the lists that are older than every backup that stays.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    pub(super) async fn remove_erasures(&self, oldest: &str) -> Result {
        for file in self.files.names().await? {
            if erasures_of(&file).is_some_and(|name| name < oldest) {
                self.files.remove(&file).await?;
                self.files.remove(&format!("{file}.minisig")).await?;
            }
        }
        Ok(())
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
        let bytes = self.read(&file, &self.trust.signers, files).await?;
        let mut manifest = bytes.and_then(|bytes| Manifest::read(&file, &bytes));
        if let Ok(other) = &manifest
            && other.name() != name
        {
            let what = format!("it is the manifest of {}", other.name());
            manifest = Err(BackupError::Foreign(file, what));
        } else if !files.contains(&format!("{name}.age")) {
            manifest = Err(BackupError::Missing(format!("{name} has no archive")));
        }
        let mut verified = None;
        let file = format!("{name}.verified.json");
        if files.contains(&file) {
            match self.read(&file, &self.trust.verifiers, files).await? {
                Ok(bytes) => verified = serde_json::from_slice(&bytes).ok(),
                Err(error) => tracing::warn!("{error}"),
            }
        }
        let name = name.to_owned();
        Ok(Entry {
            name,
            manifest,
            verified,
        })
    }

    /// A backup by its name; the newest one for `latest`, the newest verified one for `verified`. One that somebody may have
    /// put there is not passed over in silence: an older one is taken when it is named.
    ///
    /// # Errors
    ///
    /// When there is none, or its manifest or that of a newer one cannot be trusted.
    pub async fn find(&self, wanted: &str) -> Result<(String, Manifest)> {
        let mut newest_first = self.list().await?.into_iter().rev();
        let (found, what) = match wanted {
            "latest" => (newest_first.next(), "no backup"),
            "verified" => {
                let counts = |entry: &Entry| entry.is_verified() || entry.is_suspicious();
                (newest_first.find(counts), "no verified backup")
            }
            name => {
                let found = newest_first.find(|entry| entry.name == name);
                (found, &*format!("no backup {name}"))
            }
        };
        let place = self.place();
        let missing = || BackupError::Missing(format!("there is {what} in {place}"));
        let Entry { name, manifest, .. } = found.ok_or_else(missing)?;
        Ok((name, manifest?))
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
        let files = [
            "json",
            "json.minisig",
            "verified.json",
            "verified.json.minisig",
            "age",
        ];
        for ending in files {
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

/// The name of a list of what was erased, which begins with its time as that of a backup does.
fn erasures_of(file: &str) -> Option<&str> {
    let name = file.strip_suffix(ERASURES)?.strip_suffix('.')?;
    is_name(name).then_some(name)
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
