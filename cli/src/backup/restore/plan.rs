//! What to restore, and what came of it.

use std::path::Path;

use serde::Serialize;

use crate::backup::age::Identity;
use crate::backup::manifest::Manifest;
use crate::backup::store::Store;

/// What becomes of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: it was a rehearsal.
    RollBack,
    /// It keeps what was restored.
    Commit,
}

/// What was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// Tables that were compared.
    pub tables: usize,
    /// Rows that were compared, hash by hash, with those that were backed up.
    pub rows: u64,
    /// Migrations applied on top of the backup's own.
    pub migrated: Vec<String>,
    /// What was put into states that ask before they act.
    pub reconciled: serde_json::Value,
}

/// How to restore.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What the archive must be.
    pub manifest: &'a Manifest,
    /// The encrypted archive, compared with its manifest.
    pub archive: &'a Path,
    /// Who may open it.
    pub identities: &'a [Identity],
    /// The folder with the migrations.
    pub migrations: &'a Path,
    /// Where the backup came from; written down in the target.
    pub store: &'a Store,
}
