//! The rows of an archive: loaded into a database, or only walked through. Both find out whether they are the manifest's.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::backup::age::Identity;
use crate::backup::archive::{Frame, Reader};
use crate::backup::error::BackupError;
use crate::backup::manifest::{Contents, Manifest, Table};
use crate::backup::snapshot::{self, RowDigest};
use crate::postgres::{catalog::qualified_name, connection::execute};
use crate::{Error, Result};

/// Opens an archive and walks through all of it, without a database: whether it is whole and genuine, and holds what its
/// manifest says.
///
/// # Errors
///
/// [`BackupError`] when it is not.
pub fn examine(archive: &Path, manifest: &Manifest, identities: &[Identity]) -> Result {
    let file = File::open(archive).map_err(Error::io("cannot read the archive"))?;
    let mut reader = Reader::new(BufReader::new(file), identities)?;
    let contents = &manifest.contents;
    let mut frame = reader.next()?;
    for table in &contents.tables {
        begins(&frame, table)?;
        let mut digest = RowDigest::default();
        frame = loop {
            match reader.next()? {
                Frame::Data(bytes) => digest.update(&bytes),
                other => break other,
            }
        };
        same_rows(digest, table)?;
    }
    Ok(ends(&frame, contents)?)
}

/// Empties every table and loads the archive's rows.
pub(super) async fn load(
    connection: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    contents: &Contents,
) -> Result {
    for table in &contents.tables {
        // What the migrations put there is among what was backed up.
        let name = qualified_name(&table.schema, &table.name);
        let sql = AssertSqlSafe(format!("delete from {name}"));
        execute(connection, sql, "cannot empty the tables").await?;
    }
    let mut frame = reader.next()?;
    for table in &contents.tables {
        begins(&frame, table)?;
        frame = load_table(connection, reader, table).await?;
    }
    Ok(ends(&frame, contents)?)
}

/// Loads one table; answers with the frame that follows it.
async fn load_table(
    connection: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    table: &Table,
) -> Result<Frame> {
    let failed = || Error::database(format!("cannot load {}", table.full_name()));
    let name = qualified_name(&table.schema, &table.name);
    let statement = format!("copy {name} ({}) from stdin", snapshot::columns(table, ""));
    let mut copy = connection.copy_in_raw(&statement).await.map_err(failed())?;
    let mut digest = RowDigest::default();
    let next = loop {
        match reader.next() {
            Ok(Frame::Data(bytes)) => {
                digest.update(&bytes);
                copy.send(bytes).await.map_err(failed())?;
            }
            Ok(other) => break other,
            Err(fault) => {
                drop(copy.abort("the archive is damaged").await);
                return Err(fault.into());
            }
        }
    };
    copy.finish().await.map_err(failed())?;
    same_rows(digest, table)?;
    Ok(next)
}

/// Sets the sequences to where they stood.
pub(super) async fn set_sequences(connection: &mut PgConnection, contents: &Contents) -> Result {
    for sequence in &contents.sequences {
        let name = qualified_name(&sequence.schema, &sequence.name);
        let set = sqlx::query("select setval($1::text::regclass, $2, $3)").bind(&name);
        let set = set
            .bind(sequence.last_value)
            .bind(sequence.is_called)
            .execute(&mut *connection);
        set.await
            .map_err(Error::database(format!("cannot set the sequence {name}")))?;
    }
    Ok(())
}

/// The frame begins this table.
fn begins(frame: &Frame, table: &Table) -> Result<(), BackupError> {
    match frame {
        Frame::Begin(begin) if begin.schema == table.schema && begin.name == table.name => Ok(()),
        _ => {
            let name = table.full_name();
            Err(BackupError::Damaged(format!(
                "{name} is missing where the manifest has it"
            )))
        }
    }
}

/// The frame is the archive's end, and these are its contents.
fn ends(frame: &Frame, contents: &Contents) -> Result<(), BackupError> {
    match frame {
        Frame::End(inside) if **inside == *contents => Ok(()),
        Frame::End(_) => {
            let what = "it is not that of this archive";
            Err(BackupError::Foreign(
                "the manifest".to_owned(),
                what.to_owned(),
            ))
        }
        _ => Err(BackupError::damaged("it holds more than the manifest says")),
    }
}

/// The rows are those of the manifest.
fn same_rows(digest: RowDigest, table: &Table) -> Result<(), BackupError> {
    let (rows, _, sha256) = digest.finish();
    if rows == table.rows && sha256 == table.sha256 {
        return Ok(());
    }
    let name = table.full_name();
    Err(BackupError::Damaged(format!(
        "the rows of {name} are not those of the manifest"
    )))
}
