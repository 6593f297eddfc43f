//! How to connect to a database.

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::error::{Error, Result};

/// Where the cluster of a project's stack listens: the port of `supabase start`.
pub const USUAL_PORT: u16 = 54322;

/// The password of every login role. The cluster listens on the loopback address alone.
pub const PASSWORD: &str = "postgres";

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
