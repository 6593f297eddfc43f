//! The extensions that the migrations stand on.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, query_scalar};

use crate::deploy::context::Context;
use crate::postgres::connection::{connect, execute};
use crate::{Error, Result};

/// Each with the schema that shows that it is there (the local stack gives some by other means), and how it is made.
const EXTENSIONS: [(&str, &str, &str); 4] = [
    (
        "pg_cron",
        "cron",
        "create extension if not exists pg_cron with schema pg_catalog",
    ),
    (
        "pg_net",
        "net",
        "create extension if not exists pg_net with schema extensions",
    ),
    ("pgmq", "pgmq", "create extension if not exists pgmq"),
    (
        "supabase_vault",
        "vault",
        "create extension if not exists supabase_vault with schema vault",
    ),
];

/// Enables those that are missing.
///
/// # Errors
///
/// When the database refuses one.
pub(in crate::deploy) async fn ensure(
    context: &Context,
    database: Option<&PgConnectOptions>,
) -> Result {
    let Some(login) = database else {
        for (_, _, sql) in EXTENSIONS {
            context
                .report
                .would(&format!("SQL, where it is missing: {sql}"));
        }
        return Ok(());
    };
    let mut connection = connect(login).await?;
    for (name, schema, sql) in EXTENSIONS {
        let known = query_scalar("select to_regnamespace($1) is not null").bind(schema);
        let known: bool = known
            .fetch_one(&mut connection)
            .await
            .map_err(Error::database("cannot look for extensions"))?;
        if !known {
            execute(&mut connection, sql, format!("cannot enable {name}")).await?;
            context
                .report
                .did(&format!("Supabase: enabled the extension {name}"));
        }
    }
    context.report.is("Supabase: the extensions are enabled");
    drop(connection.close().await);
    Ok(())
}
