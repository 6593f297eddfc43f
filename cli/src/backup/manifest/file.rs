//! The file beside an archive, with its own hash.

use serde::{Deserialize, Serialize};

use super::contents::{Contents, FORMAT};
use crate::backup::error::BackupError;
use crate::sha256::checksum;

/// The encrypted archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
    /// Whom it was encrypted for.
    pub recipients: Vec<String>,
}

/// The file beside the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What is in it.
    pub contents: Contents,
    /// What it is in.
    pub archive: Archive,
}

/// As it is written: with its own hash.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed<T> {
    manifest: T,
    sha256: String,
}

impl Manifest {
    /// The name of its files in a store. Names sort by time.
    pub fn name(&self) -> String {
        let at = self.contents.taken_at.strftime("%Y%m%dT%H%M%SZ");
        let id = self.contents.id.simple().to_string();
        format!("{at}-{}", &id[..8])
    }

    /// The manifest's file.
    pub fn write(&self) -> Vec<u8> {
        let sha256 = checksum(&serde_json::to_vec(self).unwrap_or_default());
        let signed = Signed {
            manifest: self,
            sha256,
        };
        let mut bytes = serde_json::to_vec_pretty(&signed).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest's file. Any byte that is not as it was written is noticed.
    ///
    /// # Errors
    ///
    /// [`BackupError::Manifest`] when it was changed or cut off, [`BackupError::Foreign`] when it never was one of ours.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, BackupError> {
        let damaged = |what: String| BackupError::Manifest {
            name: name.to_owned(),
            what,
        };
        let foreign = |what: &str| BackupError::Foreign {
            name: name.to_owned(),
            what: what.to_owned(),
        };
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        let format = value.pointer("/manifest/contents/format");
        match format.and_then(serde_json::Value::as_str) {
            Some(FORMAT) => {}
            Some(other) if other.starts_with("catalyst-backup/") => {
                return Err(foreign(&format!(
                    "its format is {other}, and this tool reads {FORMAT}"
                )));
            }
            Some(other) => {
                return Err(foreign(&format!(
                    "its format is {other:?}, not {FORMAT:?}: it is no manifest of `catalyst backup`, or a damaged one"
                )));
            }
            None => return Err(foreign("it is no manifest of `catalyst backup`")),
        }
        let signed: Signed<Self> =
            serde_json::from_value(value).map_err(|error| damaged(error.to_string()))?;
        // What is written again must be the same bytes: this covers the hash, too.
        if signed.manifest.write() != bytes {
            return Err(damaged("its hash does not fit what it says".to_owned()));
        }
        Ok(signed.manifest)
    }
}
