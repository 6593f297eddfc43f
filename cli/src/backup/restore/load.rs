//! Loading the rows.

use std::fs::File;
use std::io::BufReader;

use sqlx::{AssertSqlSafe, PgConnection};

use super::expect::{begins, ends, same_rows};
use crate::backup::archive::{Frame, Reader};
use crate::backup::manifest::{Contents, Table};
use crate::backup::snapshot::{self, RowDigest};
use crate::error::{Error, Result};

/// Empties every table and loads the archive's rows.
pub(super) async fn tables(
    connection: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    contents: &Contents,
) -> Result {
    let failed = || Error::database("cannot empty the tables");
    for table in &contents.tables {
        // What the migrations put there is among what was backed up.
        let sql = format!(
            "delete from {}",
            snapshot::qualified_name(&table.schema, &table.name)
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
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
    let statement = format!(
        "copy {} ({}) from stdin",
        snapshot::qualified_name(&table.schema, &table.name),
        snapshot::columns(table, "")
    );
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
pub(super) async fn sequences(connection: &mut PgConnection, contents: &Contents) -> Result {
    for sequence in &contents.sequences {
        sqlx::query("select setval($1::text::regclass, $2, $3)")
            .bind(snapshot::qualified_name(&sequence.schema, &sequence.name))
            .bind(sequence.last_value)
            .bind(sequence.is_called)
            .execute(&mut *connection)
            .await
            .map_err(Error::database(format!(
                "cannot set the sequence {}.{}",
                sequence.schema, sequence.name
            )))?;
    }
    Ok(())
}
