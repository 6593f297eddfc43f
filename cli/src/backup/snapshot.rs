//! What a database holds, read in one snapshot: which tables, how many rows, and the hash of each.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, query_as, query_scalar};

use super::manifest::{Applied, Sequence, Table};
use crate::migrate::history;
use crate::postgres::catalog::{self, qualified_name, quoted};
use crate::postgres::connection::execute;
use crate::{Error, Result, sha256::Sha256};

const SCHEMA: &str = include_str!("snapshot/schema.sql");
const SEQUENCES: &str = include_str!("snapshot/sequences.sql");
const TABLES: &str = include_str!("snapshot/tables.sql");

/// What ends a key whose text may differ between versions of Postgres.
pub(super) const BY_VERSION: &str = " (text)";

const DOING: &str = "cannot read what the database holds";

pub(super) fn failed() -> impl FnOnce(sqlx::Error) -> Error {
    Error::database(DOING)
}

/// Writes values in one way, whatever the database and the role are set to.
pub(super) async fn normalize_output(connection: &mut PgConnection) -> Result {
    let sql = "set local search_path = ''; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
         set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex';
         set local xmloption = 'content'; set local row_security = off;
         set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0";
    execute(connection, sql, DOING).await
}

/// The product's schemas, object by object.
pub(super) async fn schema(
    connection: &mut PgConnection,
) -> sqlx::Result<BTreeMap<String, String>> {
    let objects: Vec<(String, String)> = query_as(SCHEMA).fetch_all(connection).await?;
    Ok(objects.into_iter().collect())
}

/// Names and schedules of the active jobs.
pub(super) async fn jobs(connection: &mut PgConnection) -> sqlx::Result<BTreeMap<String, String>> {
    if !catalog::has_relation(connection, "cron.job").await? {
        return Ok(BTreeMap::new());
    }
    catalog::active_jobs(connection).await
}

/// The applied migrations, oldest first.
pub(super) async fn migrations(connection: &mut PgConnection) -> Result<Vec<Applied>> {
    let applied = history::applied(connection).await?.into_values();
    let applied = applied.map(
        |history::Applied {
             version,
             name,
             checksum,
             ..
         }| Applied {
            version,
            name,
            sha256: checksum,
        },
    );
    Ok(applied.collect())
}

/// The tables that are backed up, still without rows, and the order in which each is read, as SQL: the primary key, or the
/// whole row where there is none. It is always that of the database which is read.
pub(super) async fn tables(connection: &mut PgConnection) -> sqlx::Result<Vec<(Table, String)>> {
    let found: Vec<(Json<Table>, String)> = query_as(TABLES).fetch_all(connection).await?;
    Ok(found
        .into_iter()
        .map(|(table, order)| (table.0, order))
        .collect())
}

/// Where the sequences of these tables stand.
pub(super) async fn sequences(
    connection: &mut PgConnection,
    tables: &[Table],
) -> sqlx::Result<Vec<Sequence>> {
    let tables: Vec<String> = tables.iter().map(Table::full_name).collect();
    let mut sequences = Vec::new();
    let found = query_as(SEQUENCES).bind(tables).fetch_all(&mut *connection);
    let found: Vec<(String, String)> = found.await?;
    for (schema, name) in found {
        let from = qualified_name(&schema, &name);
        let sql = AssertSqlSafe(format!(
            "select jsonb_build_object('schema', $1, 'name', $2, 'last_value', last_value, 'is_called', is_called) from {from}"
        ));
        let state = query_scalar(sql).bind(schema).bind(name);
        let Json(state) = state.fetch_one(&mut *connection).await?;
        sequences.push(state);
    }
    Ok(sequences)
}

/// The number, length and checksum of rows that went by.
#[derive(Default)]
pub(super) struct RowDigest {
    hash: Sha256,
    rows: u64,
    bytes: u64,
}

impl RowDigest {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.rows += count_rows(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Rows, bytes and checksum.
    pub(super) fn finish(self) -> (u64, u64, String) {
        (self.rows, self.bytes, self.hash.finish())
    }
}

/// Reads a table in its order and hands over every piece; answers with rows, bytes and checksum.
pub(super) async fn read(
    connection: &mut PgConnection,
    table: &Table,
    order: &str,
    mut each: impl FnMut(&Bytes) -> Result,
) -> Result<(u64, u64, String)> {
    let failed = || Error::database(format!("cannot read {}", table.full_name()));
    let (columns, name) = (
        columns(table, "r."),
        qualified_name(&table.schema, &table.name),
    );
    let statement = format!("copy (select {columns} from {name} as r order by {order}) to stdout");
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

/// A table's columns as SQL.
pub(super) fn columns(table: &Table, prefix: &str) -> String {
    let columns = table
        .columns
        .iter()
        .map(|(name, _)| format!("{prefix}{}", quoted(name)));
    columns.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
