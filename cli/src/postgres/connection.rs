//! Connections to a database: who logs in where, and what a session needs that changes the schema or reads all of it.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection, SqlSafeStr};

use crate::{Error, Result};

/// Where the cluster of a project's stack listens: the port of `supabase start`.
pub const USUAL_PORT: u16 = 54322;

/// The password of every login role. The cluster listens on the loopback address alone.
pub const PASSWORD: &str = "postgres";

/// The advisory lock for changing the schema, and for keeping it as it is.
pub(crate) const LOCK: i64 = i64::from_be_bytes(*b"catalyst");

const CONNECTING: &str = "cannot connect to the database";

/// How to connect to a local cluster as a role.
pub fn login(port: u16, role: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(role)
        .password(PASSWORD)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable)
}

/// How to connect to the database of a URL.
///
/// # Errors
///
/// When it is not the URL of a database.
pub(crate) fn parse_url(url: &str) -> Result<PgConnectOptions> {
    url.parse()
        .map_err(Error::database("the database's URL cannot be read"))
}

/// The database that was named, or the one of the local stack.
pub(crate) fn named_or_local(url: Option<&str>) -> Result<PgConnectOptions> {
    url.map_or_else(|| Ok(login(USUAL_PORT, "postgres")), parse_url)
}

/// A connection as whoever the login names.
pub(crate) async fn connect_as(login: &PgConnectOptions) -> Result<PgConnection> {
    let connection = PgConnection::connect_with(login).await;
    connection.map_err(Error::database(CONNECTING))
}

/// A connection as the role that owns the product's objects, without timeouts.
pub(crate) async fn connect(login: &PgConnectOptions) -> Result<PgConnection> {
    let mut connection = connect_as(login).await?;
    // Whatever the login, objects belong to `postgres`, as with the Supabase CLI.
    let sql = "do $$ begin
           if current_user <> 'postgres' and exists (select from pg_roles where rolname = 'postgres')
              and pg_has_role(current_user, 'postgres', 'member') then
             set session role postgres;
           end if;
         end $$;
         set statement_timeout = 0; set lock_timeout = 0";
    execute(&mut connection, sql, CONNECTING).await?;
    Ok(connection)
}

/// Runs SQL that answers with nothing; `doing` says what failed when it is refused.
pub(crate) async fn execute(
    connection: &mut PgConnection,
    sql: impl SqlSafeStr,
    doing: impl Into<String>,
) -> Result {
    let done = sqlx::raw_sql(sql).execute(connection).await;
    done.map(drop).map_err(Error::database(doing))
}

/// Takes or gives back [`LOCK`] by one of Postgres's functions for advisory locks, waiting for it where that is needed.
pub(crate) async fn lock(connection: &mut PgConnection, function: &str) -> Result {
    let sql = sqlx::AssertSqlSafe(format!("select {function}({LOCK})"));
    execute(connection, sql, "cannot take the lock of the migrations").await
}
