//! The schema that a backup was taken of: objects, jobs and migrations.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::session::failed;
use crate::backup::manifest::Applied;
use crate::error::Result;
use crate::migrate::history;
use crate::postgres::catalog;

const SCHEMA: &str = include_str!("schema.sql");

/// What ends a key whose text may differ between versions of Postgres.
pub(in crate::backup) const BY_VERSION: &str = " (text)";

/// The product's schemas, object by object.
pub(in crate::backup) async fn schema(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(SCHEMA)
        .fetch_all(connection)
        .await
        .map_err(failed())?;
    Ok(rows
        .into_iter()
        .map(|(name, hash)| (name, hash.unwrap_or_default().chars().take(12).collect()))
        .collect())
}

/// Names and schedules of the active jobs.
pub(in crate::backup) async fn jobs(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, String>> {
    let exists = catalog::has_relation(connection, "cron.job").await;
    if !exists.map_err(failed())? {
        return Ok(BTreeMap::new());
    }
    catalog::active_jobs(connection).await.map_err(failed())
}

/// The applied migrations, oldest first.
pub(in crate::backup) async fn migrations(connection: &mut PgConnection) -> Result<Vec<Applied>> {
    let applied = history::applied(connection).await?;
    Ok(applied
        .into_values()
        .map(|applied| Applied {
            version: applied.version,
            name: applied.name,
            sha256: applied.checksum,
        })
        .collect())
}
