//! What an archive must hold, after its manifest.

use crate::backup::archive::Frame;
use crate::backup::error::BackupError;
use crate::backup::manifest::{Contents, Table};
use crate::backup::snapshot::RowDigest;

/// The frame begins this table.
pub(super) fn begins(frame: &Frame, table: &Table) -> Result<(), BackupError> {
    match frame {
        Frame::Begin(begin) if begin.schema == table.schema && begin.name == table.name => Ok(()),
        _ => Err(BackupError::damaged(format!(
            "{} is missing where the manifest has it",
            table.full_name()
        ))),
    }
}

/// The frame is the archive's end, and these are its contents.
pub(super) fn ends(frame: &Frame, contents: &Contents) -> Result<(), BackupError> {
    match frame {
        Frame::End(inside) if **inside == *contents => Ok(()),
        Frame::End(_) => Err(BackupError::Foreign {
            name: "the manifest".to_owned(),
            what: "it is not that of this archive".to_owned(),
        }),
        _ => Err(BackupError::damaged("it holds more than the manifest says")),
    }
}

/// The rows are those of the manifest.
pub(super) fn same_rows(digest: RowDigest, table: &Table) -> Result<(), BackupError> {
    let (rows, _, sha256) = digest.finish();
    if rows == table.rows && sha256 == table.sha256 {
        return Ok(());
    }
    Err(BackupError::damaged(format!(
        "the rows of {} are not those of the manifest",
        table.full_name()
    )))
}
