//! What a database says about itself.

use std::collections::BTreeMap;

use sqlx::PgConnection;

/// Whether there is such a relation.
pub(crate) async fn has_relation(
    connection: &mut PgConnection,
    relation: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(relation)
        .fetch_one(connection)
        .await
}

/// Whether there is such a function, with these types.
pub(crate) async fn has_function(
    connection: &mut PgConnection,
    function: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select to_regprocedure($1) is not null")
        .bind(function)
        .fetch_one(connection)
        .await
}

/// The server's version, such as 17.6.
pub(crate) async fn server_version(connection: &mut PgConnection) -> sqlx::Result<String> {
    sqlx::query_scalar("select split_part(current_setting('server_version'), ' ', 1)")
        .fetch_one(connection)
        .await
}

/// Names and schedules of pg_cron's active jobs.
pub(crate) async fn active_jobs(
    connection: &mut PgConnection,
) -> sqlx::Result<BTreeMap<String, String>> {
    let jobs: Vec<(String, String)> = sqlx::query_as(
        "select jobname, schedule from cron.job where active and jobname is not null",
    )
    .fetch_all(connection)
    .await?;
    Ok(jobs.into_iter().collect())
}

/// The tables of `public` that any user could read whole.
pub(crate) async fn tables_without_row_level_security(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity order by 1",
    )
    .fetch_all(connection)
    .await
}
