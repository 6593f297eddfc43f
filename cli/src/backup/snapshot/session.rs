//! The session that a snapshot is read in.

use sqlx::PgConnection;

use crate::error::{Error, Result};

pub(in crate::backup) fn failed() -> impl FnOnce(sqlx::Error) -> Error {
    Error::database("cannot read what the database holds")
}

/// Writes values in one way, whatever the database and the role are set to.
pub(in crate::backup) async fn normalize_output(connection: &mut PgConnection) -> Result {
    sqlx::raw_sql(
        "set local search_path = ''; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
         set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex';
         set local xmloption = 'content'; set local row_security = off;
         set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0",
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(failed())
}
