//! The migrations that a backup was taken under.

use crate::backup::error::BackupError;
use crate::backup::manifest::Contents;
use crate::error::Result;
use crate::migrate::Migration;

/// The backup's own migrations, from this checkout.
pub(super) fn of_backup(contents: &Contents, here: &[Migration]) -> Result<Vec<Migration>> {
    let newest = here
        .last()
        .map(|migration| migration.version.clone())
        .unwrap_or_default();
    let mut found = Vec::new();
    for applied in &contents.migrations {
        let Some(migration) = here
            .iter()
            .find(|migration| migration.version == applied.version)
        else {
            return Err(if applied.version > newest {
                BackupError::TooNew {
                    backup: contents.schema_version.clone(),
                    here: newest,
                }
            } else {
                BackupError::OtherMigrations {
                    file: format!("{}_{}.sql", applied.version, applied.name),
                }
            }
            .into());
        };
        if applied
            .sha256
            .as_ref()
            .is_some_and(|sha256| *sha256 != migration.checksum)
        {
            return Err(BackupError::OtherMigrations {
                file: migration.file.clone(),
            }
            .into());
        }
        found.push(migration.clone());
    }
    Ok(found)
}
