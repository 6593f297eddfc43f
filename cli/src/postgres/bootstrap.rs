//! What the cluster holds before the first migration, and the secrets that jobs in it use.

use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};

use crate::error::{Error, Result};

const BOOTSTRAP: &str = include_str!("bootstrap.sql");

/// Brings a fresh or an older cluster to what a hosted project starts with.
pub(super) async fn bootstrap(admin: &PgConnectOptions, postgres: &PgConnectOptions) -> Result {
    let failed = || Error::database("cannot prepare the local database");
    let mut connection = PgConnection::connect_with(admin).await.map_err(failed())?;
    let fingerprint = crate::migrate::checksum(BOOTSTRAP.as_bytes());
    sqlx::raw_sql(
        "create schema if not exists local_stack; create table if not exists local_stack.bootstrap (fingerprint text not null)",
    )
    .execute(&mut connection)
    .await
    .map_err(failed())?;
    let done: Option<String> = sqlx::query_scalar("select fingerprint from local_stack.bootstrap")
        .fetch_optional(&mut connection)
        .await
        .map_err(failed())?;
    if done.as_deref() != Some(&fingerprint) {
        let mut transaction = connection.begin().await.map_err(failed())?;
        sqlx::raw_sql(BOOTSTRAP)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        transaction.commit().await.map_err(failed())?;

        let pool = PgPool::connect_with(postgres.clone())
            .await
            .map_err(failed())?;
        pgmq::install::install_sql_from_embedded(&pool)
            .await
            .map_err(|error| {
                Error::setup(
                    format!("cannot install pgmq: {error}"),
                    "`catalyst reset` starts afresh",
                )
            })?;
        pool.close().await;

        sqlx::raw_sql("truncate local_stack.bootstrap")
            .execute(&mut connection)
            .await
            .map_err(failed())?;
        sqlx::query("insert into local_stack.bootstrap values ($1)")
            .bind(&fingerprint)
            .execute(&mut connection)
            .await
            .map_err(failed())?;
    }
    drop(connection.close().await);
    Ok(())
}

/// Keeps the secrets that jobs in the database read.
pub(super) async fn keep_secrets(pool: &PgPool, secrets: &[(&str, &str)]) -> Result {
    for (name, value) in secrets.iter().filter(|(_, value)| !value.is_empty()) {
        sqlx::query(
            "insert into vault.secrets (name, secret) values ($1, $2) \
             on conflict (name) do update set secret = excluded.secret, updated_at = now()",
        )
        .bind(name)
        .bind(value)
        .execute(pool)
        .await
        .map_err(Error::database("cannot keep a secret in the vault"))?;
    }
    Ok(())
}
