//! The tables that are backed up.

use sqlx::PgConnection;
use sqlx::types::Json;

use super::session::failed;
use crate::backup::manifest::Table;
use crate::error::Result;

const TABLES: &str = include_str!("tables.sql");

/// Schema, name, columns with their types, and order of a table.
type Found = (String, String, Json<Vec<(String, String)>>, String);

/// The tables that are backed up, still without rows.
pub(in crate::backup) async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>> {
    let rows: Vec<Found> = sqlx::query_as(TABLES)
        .fetch_all(connection)
        .await
        .map_err(failed())?;
    Ok(rows
        .into_iter()
        .map(|(schema, name, columns, order)| Table {
            schema,
            name,
            columns: columns.0,
            order,
            rows: 0,
            bytes: 0,
            sha256: String::new(),
        })
        .collect())
}
