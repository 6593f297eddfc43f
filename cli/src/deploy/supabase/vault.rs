//! What pg_cron's jobs read from Vault.
//!
//! The scheduler's secret is made by the database, so that it stands in no statement and in no parameter, and whichever run comes
//! next reads the same one. Anything else is bound. By the manuals, hosted projects log statements that change the schema, fail,
//! or are slow, the latter with what was bound; so the session asks for no log first. Where it may not, nothing is lost that is
//! secret: only `slack_webhook_url` comes from outside.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::deploy::context::Context;
use crate::postgres::catalog;
use crate::postgres::connection::{connect, execute};
use crate::{Error, Result};

const CRON_SECRET: &str = "cron_secret";

/// 244 random bits, in hexadecimal.
const MAKE: &str = "select vault.create_secret(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'cron_secret')
 where not exists (select from vault.secrets where name = 'cron_secret')";

const DOING: &str = "cannot keep secrets in Vault";

/// Fills Vault, and answers the scheduler's secret; an empty text in a dry run.
///
/// # Errors
///
/// When Vault refuses.
pub(in crate::deploy) async fn ensure(
    context: &Context,
    database: Option<&PgConnectOptions>,
    app_url: &str,
) -> Result<String> {
    let Some(login) = database else {
        context
            .report
            .would("SQL: make cron_secret in Vault, if it is not there, and set app_url");
        return Ok(String::new());
    };
    let mut connection = connect(login).await?;
    for setting in [
        "log_min_duration_statement = -1",
        "log_statement = 'none'",
        "pgaudit.log = 'none'",
    ] {
        drop(
            execute(
                &mut connection,
                sqlx::AssertSqlSafe(format!("set {setting}")),
                DOING,
            )
            .await,
        );
    }
    let failed = || Error::database(DOING);
    let mut held = catalog::secret(&mut connection, CRON_SECRET)
        .await
        .map_err(failed())?;
    if held.is_none() {
        execute(&mut connection, MAKE, DOING).await?;
        held = catalog::secret(&mut connection, CRON_SECRET)
            .await
            .map_err(failed())?;
        context.report.did("Supabase: made cron_secret in Vault");
    }
    let secret = held.unwrap_or_default();
    context.report.hide(&secret);
    set(context, &mut connection, "app_url", app_url).await?;
    if let Some(url) = context.wanted.variables.get("SLACK_WEBHOOK_URL") {
        context.report.hide(url);
        set(context, &mut connection, "slack_webhook_url", url).await?;
    }
    context
        .report
        .is("Supabase: Vault holds what the scheduler needs");
    drop(connection.close().await);
    Ok(secret)
}

async fn set(context: &Context, connection: &mut PgConnection, name: &str, value: &str) -> Result {
    let failed = || Error::database(DOING);
    let held = catalog::secret(connection, name).await.map_err(failed())?;
    if held.as_deref() != Some(value) {
        catalog::set_secret(connection, name, value)
            .await
            .map_err(failed())?;
        context
            .report
            .did(&format!("Supabase: set {name} in Vault"));
    }
    Ok(())
}
