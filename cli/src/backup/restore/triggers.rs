//! Triggers and foreign keys while rows are restored.

use sqlx::PgConnection;

use crate::error::{Error, Result};

/// Turns them on or off. Off: rows come in the tables' order, and what they once caused is among them.
pub(super) async fn turn(connection: &mut PgConnection, on: bool) -> Result {
    sqlx::raw_sql(if on {
        "set local session_replication_role = origin"
    } else {
        "set local session_replication_role = replica"
    })
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database("cannot turn the triggers off"))
}
