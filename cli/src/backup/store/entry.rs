//! A backup in a store.

use crate::backup::error::BackupError;
use crate::backup::manifest::{Manifest, Verified};
use crate::backup::retention::Item;

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
