//! What the drill asks the database, and waits for there.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use stack::Stack;

pub(super) const PATIENCE: Duration = Duration::from_secs(240);
pub(super) const POLL_EVERY: Duration = Duration::from_millis(300);

/// Waits until a number is this large.
pub(super) async fn wait(
    database: &PgPool,
    what: &str,
    sql: &'static str,
    wanted: usize,
) -> Result {
    let began = Instant::now();
    while number(database, sql).await? < i64::try_from(wanted).unwrap_or(i64::MAX) {
        if began.elapsed() > PATIENCE {
            return Err(Error::setup(
                format!("it did not come to this: {what}"),
                "see the logs under drill/logs",
            ));
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
    Ok(())
}

/// The number that a query gives.
pub(super) async fn number(database: &PgPool, sql: &'static str) -> Result<i64> {
    sqlx::query_scalar(sql)
        .fetch_one(database)
        .await
        .map_err(Error::database("cannot read the database"))
}

/// How the operator signs in to the stack's database.
pub(super) fn login(stack: &Stack) -> Result<PgConnectOptions> {
    let url = stack.environment().get("DATABASE_URL");
    url.map_or("", String::as_str)
        .parse()
        .map_err(Error::database("the stack has no database"))
}
