//! What a backup says about itself: of which schema, which tables with how many rows and which hash, and which archive.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::error::BackupError;
use crate::sha256::checksum;

/// The name of the format. A change that older tools cannot read gets another number.
pub(super) const FORMAT: &str = "catalyst-backup/2";

/// A table's data in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// The columns that were copied, in their order, with their types. Generated ones are not.
    pub columns: Vec<(String, String)>,
    /// How many.
    pub rows: u64,
    /// Bytes of the rows as `COPY` writes them.
    pub bytes: u64,
    /// SHA-256 of those bytes.
    pub sha256: String,
}

impl Table {
    /// Schema and name.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// A sequence's state. Sequences do not stand still for a snapshot, so this is read after the rows: never too low.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// The last value.
    pub last_value: i64,
    /// Whether it was given out.
    pub is_called: bool,
}

/// One applied migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// SHA-256 of its file; none when another tool applied it.
    pub sha256: Option<String>,
}

/// Everything but the archive: it is also the archive's last part, so that the two cannot be exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// [`FORMAT`].
    pub format: String,
    /// The backup's own id.
    pub id: Uuid,
    /// The moment whose state it holds.
    pub taken_at: Timestamp,
    /// The server's version.
    pub server: String,
    /// The newest applied migration.
    pub schema_version: String,
    /// All of them.
    pub migrations: Vec<Applied>,
    /// Every column, policy, function and trigger of the product's schemas, with a short hash of each: shows what was changed
    /// outside the migrations.
    pub schema: BTreeMap<String, String>,
    /// Names and schedules of the jobs.
    pub jobs: BTreeMap<String, String>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The sequences.
    pub sequences: Vec<Sequence>,
    /// All rows together.
    pub rows: u64,
}

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
        let damaged = |what: String| BackupError::Manifest(name.to_owned(), what);
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        let format = value
            .pointer("/manifest/contents/format")
            .and_then(Value::as_str);
        let foreign = match format {
            Some(FORMAT) => None,
            Some(other) if other.starts_with("catalyst-backup/") => Some(format!(
                "its format is {other}, and this tool reads {FORMAT}"
            )),
            Some(other) => Some(format!(
                "its format is {other:?}, not {FORMAT:?}: it is no manifest of `catalyst backup`, or a damaged one"
            )),
            None => Some("it is no manifest of `catalyst backup`".to_owned()),
        };
        if let Some(what) = foreign {
            return Err(BackupError::Foreign(name.to_owned(), what));
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

/// Beside a manifest: that it was restored and found equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// When.
    pub verified_at: Timestamp,
    /// Of which archive.
    pub archive_sha256: String,
    /// How many rows were compared.
    pub rows: u64,
    /// How long it took.
    pub seconds: f64,
}

#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod tests;
