//! The backups that a database knows of: `private.backups`, for its watchdog.

use sqlx::PgConnection;

use super::manifest::{Contents, Manifest};
use super::snapshot;
use crate::error::{Error, Result};
use crate::postgres::catalog;

/// Whether the database has the table; older migrations do not make it.
async fn has_table(connection: &mut PgConnection) -> Result<bool> {
    catalog::has_relation(connection, "private.backups")
        .await
        .map_err(snapshot::failed())
}

/// Records that a backup was taken and where it is.
pub(super) async fn backup(
    connection: &mut PgConnection,
    manifest: &Manifest,
    place: &str,
) -> Result {
    if !has_table(connection).await? {
        return Ok(());
    }
    let contents = &manifest.contents;
    sqlx::query(
        "insert into private.backups (id, name, taken_at, schema_version, place, archive_sha256, archive_bytes, tables, rows)
         values ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5, $6, $7, $8, $9)
         on conflict on constraint backups_pkey do update set place = excluded.place",
    )
    .bind(contents.id)
    .bind(manifest.name())
    .bind(contents.taken_at.as_millisecond())
    .bind(&contents.schema_version)
    .bind(place)
    .bind(&manifest.archive.sha256)
    .bind(i64::try_from(manifest.archive.bytes).unwrap_or(i64::MAX))
    .bind(i32::try_from(contents.tables.len()).unwrap_or(i32::MAX))
    .bind(i64::try_from(contents.rows).unwrap_or(i64::MAX))
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database(
        "the backup is stored, but cannot be written down in private.backups",
    ))
}

/// Records how a verification of a backup ended.
pub(super) async fn verification(
    connection: &mut PgConnection,
    contents: &Contents,
    failure: Option<&str>,
) -> Result {
    if !has_table(connection).await? {
        return Ok(());
    }
    sqlx::query(
        "update private.backups set
           verified_at = case when $2::text is null then private.now() else verified_at end,
           failed_at = case when $2::text is null then null else private.now() end, failure = $2
         where id = $1",
    )
    .bind(contents.id)
    .bind(failure)
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database("cannot write down the verification"))
}

/// Records that backups are gone.
pub(super) async fn removal(connection: &mut PgConnection, names: &[String]) -> Result {
    if !has_table(connection).await? {
        return Ok(());
    }
    sqlx::query("update private.backups set removed_at = private.now() where name = any ($1)")
        .bind(names)
        .execute(connection)
        .await
        .map(drop)
        .map_err(Error::database("cannot write down what was removed"))
}
