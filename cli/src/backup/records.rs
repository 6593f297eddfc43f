//! The backups that a database knows of: `private.backups`, for its watchdog.

use sqlx::postgres::{PgArguments, Postgres};
use sqlx::{PgConnection, query, query::Query};

use super::manifest::{Contents, Manifest};
use super::snapshot;
use crate::{Error, Result, postgres::catalog};

/// Writes it down where there is such a table: older migrations do not make it.
async fn write(
    connection: &mut PgConnection,
    query: Query<'_, Postgres, PgArguments>,
    doing: &str,
) -> Result {
    let has_table = catalog::has_relation(connection, "private.backups").await;
    if has_table.map_err(snapshot::failed())? {
        let written = query.execute(connection).await;
        written.map_err(Error::database(doing))?;
    }
    Ok(())
}

/// Records that a backup was taken and where it is.
pub(super) async fn backup(
    connection: &mut PgConnection,
    manifest: &Manifest,
    place: &str,
) -> Result {
    let Manifest { contents, archive } = manifest;
    let insert = query(
        "insert into private.backups (id, name, taken_at, schema_version, place, archive_sha256, archive_bytes, tables, rows)
         values ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5, $6, $7, $8, $9)
         on conflict on constraint backups_pkey do update set place = excluded.place",
    )
    .bind(contents.id)
    .bind(manifest.name())
    .bind(contents.taken_at.as_millisecond())
    .bind(&contents.schema_version)
    .bind(place)
    .bind(&archive.sha256)
    .bind(i64::try_from(archive.bytes).unwrap_or(i64::MAX))
    .bind(i32::try_from(contents.tables.len()).unwrap_or(i32::MAX))
    .bind(i64::try_from(contents.rows).unwrap_or(i64::MAX));
    let doing = "the backup is stored, but cannot be written down in private.backups";
    write(connection, insert, doing).await
}

/// Records how a verification of a backup ended.
pub(super) async fn verification(
    connection: &mut PgConnection,
    contents: &Contents,
    failure: Option<&str>,
) -> Result {
    let update = query(
        "update private.backups set
           verified_at = case when $2::text is null then private.now() else verified_at end,
           failed_at = case when $2::text is null then null else private.now() end, failure = $2
         where id = $1",
    );
    let update = update.bind(contents.id).bind(failure);
    write(connection, update, "cannot write down the verification").await
}

/// Records that backups are gone.
pub(super) async fn removal(connection: &mut PgConnection, names: &[String]) -> Result {
    let sql = "update private.backups set removed_at = private.now() where name = any ($1)";
    write(
        connection,
        query(sql).bind(names),
        "cannot write down what was removed",
    )
    .await
}
