//! What a cluster holds before the first migration.

use sqlx::{Connection, PgConnection, PgPool};

use super::cluster::Cluster;
use crate::error::{Error, Result};

const BOOTSTRAP: &str = include_str!("bootstrap.sql");

/// Brings a fresh or an older cluster to what a hosted project starts with: no product in it yet.
///
/// # Errors
///
/// When its database refuses.
pub async fn bootstrap(cluster: &Cluster) -> Result {
    let failed = || Error::database("cannot prepare the local database");
    let mut connection = PgConnection::connect_with(&cluster.login("supabase_admin"))
        .await
        .map_err(failed())?;
    let fingerprint = crate::migrate::checksum(BOOTSTRAP.as_bytes());
    sqlx::raw_sql(
        "create schema if not exists local_stack;
         create table if not exists local_stack.bootstrap (fingerprint text constraint bootstrap_pkey primary key)",
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

        let pool = PgPool::connect_with(cluster.login("postgres"))
            .await
            .map_err(failed())?;
        pgmq::install::install_sql_from_embedded(&pool)
            .await
            .map_err(|error| {
                Error::setup(
                    format!("cannot install pgmq: {error}"),
                    "`catalyst-dev reset` starts afresh",
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
