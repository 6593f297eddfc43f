//! An archive that was fetched, compared with its manifest.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::backup::error::BackupError;
use crate::backup::manifest::Manifest;
use crate::error::{Error, Result};
use crate::sha256::Hashing;

/// Whether an archive is the one that its manifest names.
///
/// # Errors
///
/// [`BackupError::Damaged`] when it is not.
pub(super) fn compare(archive: &Path, manifest: &Manifest) -> Result {
    let failed = || Error::io(format!("cannot read {}", archive.display()));
    let mut hashing = Hashing::new(File::open(archive).map_err(failed())?);
    let mut buffer = vec![0; 256 * 1024];
    while hashing.read(&mut buffer).map_err(failed())? != 0 {}
    let (_, bytes, sha256) = hashing.finish();
    let expected = &manifest.archive;
    if bytes < expected.bytes {
        return Err(BackupError::damaged(format!(
            "it has {bytes} bytes of {}: its end is missing",
            expected.bytes
        ))
        .into());
    }
    if bytes > expected.bytes || sha256 != expected.sha256 {
        return Err(BackupError::damaged(format!(
            "its SHA-256 is {sha256}, and the manifest says {}",
            expected.sha256
        ))
        .into());
    }
    Ok(())
}
