//! What a database says about itself, and what it keeps in Supabase's Vault.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Result, query, query_as, query_scalar};

/// Whether there is such a relation.
pub(crate) async fn has_relation(connection: &mut PgConnection, name: &str) -> Result<bool> {
    let sql = query_scalar("select to_regclass($1) is not null");
    sql.bind(name).fetch_one(connection).await
}

/// Whether there is such a function, with these types.
pub(crate) async fn has_function(connection: &mut PgConnection, function: &str) -> Result<bool> {
    let sql = query_scalar("select to_regprocedure($1) is not null");
    sql.bind(function).fetch_one(connection).await
}

/// The server's version, such as 17.6.
pub(crate) async fn server_version(connection: &mut PgConnection) -> Result<String> {
    let sql = "select split_part(current_setting('server_version'), ' ', 1)";
    query_scalar(sql).fetch_one(connection).await
}

/// Names and schedules of pg_cron's active jobs.
pub(crate) async fn active_jobs(connection: &mut PgConnection) -> Result<BTreeMap<String, String>> {
    let sql = "select jobname, schedule from cron.job where active and jobname is not null";
    let jobs: Vec<(String, String)> = query_as(sql).fetch_all(connection).await?;
    Ok(jobs.into_iter().collect())
}

/// The tables of `public` that any user could read whole.
pub(crate) async fn tables_without_row_level_security(
    connection: &mut PgConnection,
) -> Result<Vec<String>> {
    let sql = "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity order by 1";
    query_scalar(sql).fetch_all(connection).await
}

/// A secret that the database itself uses, if Vault holds it.
pub(crate) async fn secret(connection: &mut PgConnection, name: &str) -> Result<Option<String>> {
    let sql = query_scalar("select decrypted_secret from vault.decrypted_secrets where name = $1");
    sql.bind(name).fetch_optional(connection).await
}

/// Keeps a secret in Vault, in place of the one that was there.
pub(crate) async fn set_secret(
    connection: &mut PgConnection,
    name: &str,
    value: &str,
) -> Result<()> {
    let sql = "select case when exists (select from vault.secrets where name = $1)
           then (select vault.update_secret(id, $2)::text from vault.secrets where name = $1)
           else vault.create_secret($2, $1)::text end";
    query(sql)
        .bind(name)
        .bind(value)
        .execute(connection)
        .await
        .map(drop)
}

/// A relation's name as SQL.
pub(crate) fn qualified_name(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

/// A name as SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
