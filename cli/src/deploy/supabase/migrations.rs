//! The migrations, as `catalyst migrate up` applies them; they make the storage bucket too.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, query_scalar};

use crate::deploy::context::Context;
use crate::deploy::refusal::stop;
use crate::migrate;
use crate::postgres::connection::connect;
use crate::{Error, Result};

/// Applies what is pending.
///
/// # Errors
///
/// When the database holds something else, or refuses.
pub(in crate::deploy) async fn ensure(
    context: &Context,
    database: Option<&PgConnectOptions>,
) -> Result {
    let folder = context.checkout.migrations();
    let Some(login) = database else {
        let count = migrate::read(&folder)?.len();
        context.report.would(&format!(
            "apply those of {count} migrations that are pending"
        ));
        return Ok(());
    };
    let may_take = context.wanted.use_existing || context.wanted.reference.is_some();
    if !may_take && holds_something_else(login).await? {
        return Err(stop(
            format!(
                "the Supabase project {} holds tables that are not ours",
                context.wanted.name
            ),
            "give another --name, or --use-existing if it is to hold both; nothing of it was touched",
        ));
    }
    let applied = migrate::up(login, &folder, |_| {}).await?.len();
    match applied {
        0 => context.report.is("Supabase: every migration is applied"),
        count => context
            .report
            .did(&format!("Supabase: applied {count} migrations")),
    }
    Ok(())
}

async fn holds_something_else(login: &PgConnectOptions) -> Result<bool> {
    let mut connection = connect(login).await?;
    let sql = "select to_regclass('supabase_migrations.schema_migrations') is null
                 and exists (select from pg_tables where schemaname = 'public')";
    let found = query_scalar(sql).fetch_one(&mut connection).await;
    drop(connection.close().await);
    found.map_err(Error::database("cannot look at the database's tables"))
}
