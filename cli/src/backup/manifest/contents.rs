//! What is in a backup.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of the format. A change that older tools cannot read gets another number.
pub(in crate::backup) const FORMAT: &str = "catalyst-backup/1";

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
    /// The order of the rows, as SQL: the primary key, or the whole row where there is none.
    pub order: String,
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
