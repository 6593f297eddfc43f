//! Sessions that change the schema, or need it to stand still.

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::error::{Error, Result};

/// A connection as the role that owns the product's objects, without timeouts.
pub(crate) async fn connect(login: &PgConnectOptions) -> Result<PgConnection> {
    let failed = || Error::database("cannot connect to the database");
    let mut connection = PgConnection::connect_with(login).await.map_err(failed())?;
    // Whatever the login, objects belong to `postgres`, as with the Supabase CLI.
    sqlx::raw_sql(
        "do $$ begin
           if current_user <> 'postgres' and exists (select from pg_roles where rolname = 'postgres')
              and pg_has_role(current_user, 'postgres', 'member') then
             set session role postgres;
           end if;
         end $$",
    )
    .execute(&mut connection)
    .await
    .map_err(failed())?;
    sqlx::raw_sql("set statement_timeout = 0; set lock_timeout = 0")
        .execute(&mut connection)
        .await
        .map_err(failed())?;
    Ok(connection)
}

/// The advisory lock for changing the schema, and for keeping it as it is.
pub(crate) const LOCK: i64 = i64::from_be_bytes(*b"catalyst");

/// Waits until no other `up` runs.
pub(super) async fn lock(connection: &mut PgConnection) -> Result {
    sqlx::query("select pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(connection)
        .await
        .map(drop)
        .map_err(Error::database("cannot take the lock of the migrations"))
}
