//! Where the sequences stand.

use sqlx::{AssertSqlSafe, PgConnection};

use super::rows::qualified_name;
use super::session::failed;
use crate::backup::manifest::{Sequence, Table};
use crate::error::Result;

const SEQUENCES: &str = include_str!("sequences.sql");

/// The sequences of these tables.
pub(in crate::backup) async fn sequences(
    connection: &mut PgConnection,
    tables: &[Table],
) -> Result<Vec<Sequence>> {
    let names: Vec<String> = tables.iter().map(Table::full_name).collect();
    let found: Vec<(String, String)> = sqlx::query_as(SEQUENCES)
        .bind(names)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed())?;
    let mut sequences = Vec::new();
    for (schema, name) in found {
        let sql = format!(
            "select last_value, is_called from {}",
            qualified_name(&schema, &name)
        );
        let (last_value, is_called) = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
        sequences.push(Sequence {
            schema,
            name,
            last_value,
            is_called,
        });
    }
    Ok(sequences)
}
