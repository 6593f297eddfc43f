//! What an archive must hold, after its manifest.

use crate::backup::archive::Frame;
use crate::backup::fault::Fault;
use crate::backup::manifest::{Contents, Table};
use crate::backup::snapshot::Seen;

/// The frame begins this table.
pub(super) fn begins(frame: &Frame, table: &Table) -> Result<(), Fault> {
    match frame {
        Frame::Begin(begin) if begin.schema == table.schema && begin.name == table.name => Ok(()),
        _ => Err(Fault::damaged(format!(
            "{} is missing where the manifest has it",
            table.full_name()
        ))),
    }
}

/// The frame is the archive's end, and these are its contents.
pub(super) fn ends(frame: &Frame, contents: &Contents) -> Result<(), Fault> {
    match frame {
        Frame::End(inside) if **inside == *contents => Ok(()),
        Frame::End(_) => Err(Fault::Foreign {
            name: "the manifest".to_owned(),
            what: "it is not that of this archive".to_owned(),
        }),
        _ => Err(Fault::damaged("it holds more than the manifest says")),
    }
}

/// The rows are those of the manifest.
pub(super) fn same_rows(seen: Seen, table: &Table) -> Result<(), Fault> {
    let (rows, _, sha256) = seen.finish();
    if rows == table.rows && sha256 == table.sha256 {
        return Ok(());
    }
    Err(Fault::damaged(format!(
        "the rows of {} are not those of the manifest",
        table.full_name()
    )))
}
