//! What a cluster holds before the first migration.

use sqlx::{Connection as _, PgConnection, PgPool};

use super::cluster::Cluster;
use super::connection::execute;
use crate::{Error, Result, sha256::checksum};

const BOOTSTRAP: &str = include_str!("bootstrap.sql");
const DOING: &str = "cannot prepare the local database";

/// Brings a fresh or an older cluster to what a hosted project starts with: no product in it yet.
///
/// # Errors
///
/// When its database refuses.
pub async fn bootstrap(cluster: &Cluster) -> Result {
    let failed = || Error::database(DOING);
    let admin = cluster.login("supabase_admin");
    let mut connection = PgConnection::connect_with(&admin).await.map_err(failed())?;
    let sql = "create schema if not exists local_stack;
         create table if not exists local_stack.bootstrap (fingerprint text constraint bootstrap_pkey primary key)";
    execute(&mut connection, sql, DOING).await?;
    let done: Option<String> = sqlx::query_scalar("select fingerprint from local_stack.bootstrap")
        .fetch_optional(&mut connection)
        .await
        .map_err(failed())?;
    let fingerprint = checksum(BOOTSTRAP.as_bytes());
    if done.as_ref() != Some(&fingerprint) {
        let mut transaction = connection.begin().await.map_err(failed())?;
        execute(&mut transaction, BOOTSTRAP, DOING).await?;
        transaction.commit().await.map_err(failed())?;
        install_pgmq(cluster).await?;
        execute(&mut connection, "truncate local_stack.bootstrap", DOING).await?;
        let note = sqlx::query("insert into local_stack.bootstrap values ($1)").bind(fingerprint);
        note.execute(&mut connection).await.map_err(failed())?;
    }
    drop(connection.close().await);
    Ok(())
}

async fn install_pgmq(cluster: &Cluster) -> Result {
    let pool = PgPool::connect_with(cluster.login("postgres"))
        .await
        .map_err(Error::database(DOING))?;
    let installed = pgmq::install::install_sql_from_embedded(&pool).await;
    pool.close().await;
    installed.map(drop).map_err(|error| {
        let problem = format!("cannot install pgmq: {error}");
        Error::setup(problem, "`catalyst-dev reset` starts afresh")
    })
}
