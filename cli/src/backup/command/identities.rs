//! The identities that open backups.

use std::path::Path;

use crate::backup::age::Identity;
use crate::error::{Error, Result};

/// The identities of a file, or of BACKUP_IDENTITY.
///
/// # Errors
///
/// When there is none, or the file cannot be read.
pub fn identities(file: Option<&Path>) -> Result<Vec<Identity>> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(Error::io(format!("cannot read {}", file.display())))?,
        None => std::env::var("BACKUP_IDENTITY")
            .ok()
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                Error::setup(
                    "no identity was given",
                    "name its file with --identity-file, or put it into BACKUP_IDENTITY",
                )
            })?,
    };
    Ok(Identity::parse_all(&text)?)
}
