//! The rows of one table, as `COPY` writes them.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sqlx::PgConnection;

use crate::backup::manifest::Table;
use crate::error::{Error, Result};
use crate::sha256::Sha256;

/// The number, length and checksum of rows that went by.
#[derive(Default)]
pub(in crate::backup) struct RowDigest {
    hash: Sha256,
    rows: u64,
    bytes: u64,
}

impl RowDigest {
    pub(in crate::backup) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.rows += count_rows(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Rows, bytes and checksum.
    pub(in crate::backup) fn finish(self) -> (u64, u64, String) {
        (self.rows, self.bytes, self.hash.finish())
    }
}

/// Reads a table in its order and hands over every piece; answers with rows, bytes and checksum.
pub(in crate::backup) async fn read(
    connection: &mut PgConnection,
    table: &Table,
    mut each: impl FnMut(&Bytes) -> Result,
) -> Result<(u64, u64, String)> {
    let failed = || Error::database(format!("cannot read {}", table.full_name()));
    let statement = format!(
        "copy (select {} from {} as r order by {}) to stdout",
        columns(table, "r."),
        qualified_name(&table.schema, &table.name),
        table.order
    );
    let mut stream = connection
        .copy_out_raw(&statement)
        .await
        .map_err(failed())?;
    let mut digest = RowDigest::default();
    while let Some(piece) = stream.try_next().await.map_err(failed())? {
        digest.update(&piece);
        each(&piece)?;
    }
    Ok(digest.finish())
}

/// `COPY` ends each row with a newline, and escapes those within.
fn count_rows(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// A table's name as SQL.
pub(in crate::backup) fn qualified_name(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

/// A table's columns as SQL.
pub(in crate::backup) fn columns(table: &Table, prefix: &str) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, _)| format!("{prefix}{}", quoted(name)))
        .collect();
    columns.join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{count_rows, qualified_name};

    #[test]
    fn names_are_quoted_and_rows_are_counted() {
        assert_eq!(qualified_name("public", "a\"b"), "\"public\".\"a\"\"b\"");
        assert_eq!(count_rows(b"1\ta\\nb\n2\tc\n"), 2);
    }
}
