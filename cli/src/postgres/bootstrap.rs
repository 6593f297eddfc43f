//! What a cluster holds before the first migration.

use sqlx::{Connection, PgConnection, PgPool};

use super::cluster::Cluster;
use crate::error::{Error, Result};
use crate::sha256::checksum;

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
    let fingerprint = checksum(BOOTSTRAP.as_bytes());
    let done = applied(&mut connection).await.map_err(failed())?;
    if done.as_ref() != Some(&fingerprint) {
        let mut transaction = connection.begin().await.map_err(failed())?;
        sqlx::raw_sql(BOOTSTRAP)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        transaction.commit().await.map_err(failed())?;
        install_pgmq(cluster).await?;
        note(&mut connection, &fingerprint)
            .await
            .map_err(failed())?;
    }
    drop(connection.close().await);
    Ok(())
}

/// The fingerprint of the bootstrap that the cluster has.
async fn applied(connection: &mut PgConnection) -> sqlx::Result<Option<String>> {
    sqlx::raw_sql(
        "create schema if not exists local_stack;
         create table if not exists local_stack.bootstrap (fingerprint text constraint bootstrap_pkey primary key)",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar("select fingerprint from local_stack.bootstrap")
        .fetch_optional(connection)
        .await
}

async fn install_pgmq(cluster: &Cluster) -> Result {
    let pool = PgPool::connect_with(cluster.login("postgres"))
        .await
        .map_err(Error::database("cannot prepare the local database"))?;
    pgmq::install::install_sql_from_embedded(&pool)
        .await
        .map_err(|error| {
            Error::setup(
                format!("cannot install pgmq: {error}"),
                "`catalyst-dev reset` starts afresh",
            )
        })?;
    pool.close().await;
    Ok(())
}

async fn note(connection: &mut PgConnection, fingerprint: &str) -> sqlx::Result<()> {
    sqlx::raw_sql("truncate local_stack.bootstrap")
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into local_stack.bootstrap values ($1)")
        .bind(fingerprint)
        .execute(connection)
        .await
        .map(drop)
}
