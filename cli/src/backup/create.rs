//! Taking a backup.

use std::fs::File;
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::archive::Writer;
use super::fault::Fault;
use super::manifest::{Archive, Contents, FORMAT, Manifest};
use super::sealed::Recipient;
use super::snapshot;
use super::store::Store;
use crate::error::{Error, Result};
use crate::migrate;

/// Takes a backup in one snapshot, seals it, keeps it in the store and writes down in the database that it was made.
///
/// # Errors
///
/// When the database or the store refuses. A backup that was not stored whole has no manifest and counts for nothing.
pub async fn create(
    login: &PgConnectOptions,
    store: &Store,
    recipients: &[Recipient],
) -> Result<Manifest> {
    let folder = tempfile::tempdir().map_err(Error::io("cannot make a temporary folder"))?;
    let archive = folder.path().join("archive");
    let mut connection = migrate::connect(login).await?;
    let manifest = dump(&mut connection, &archive, recipients).await?;
    store.put(&manifest, &archive).await?;
    record(&mut connection, &manifest, store).await?;
    drop(connection.close().await);
    Ok(manifest)
}

async fn dump(
    connection: &mut PgConnection,
    archive: &Path,
    recipients: &[Recipient],
) -> Result<Manifest> {
    let failed = || Error::database("cannot read the database in one snapshot");
    let unwritten = || Error::io(format!("cannot write {}", archive.display()));
    // Nobody changes the schema meanwhile; others who only read it may.
    sqlx::query("select pg_advisory_lock_shared($1)")
        .bind(migrate::LOCK)
        .execute(&mut *connection)
        .await
        .map_err(failed())?;
    let mut transaction = connection
        .begin_with("begin isolation level repeatable read, read only")
        .await
        .map_err(failed())?;
    snapshot::settle(&mut transaction).await?;
    let mut contents = describe(&mut transaction).await?;
    if contents.migrations.is_empty() {
        return Err(Fault::Unfit {
            what: "it has no history of migrations: there is nothing of this product in it"
                .to_owned(),
        }
        .into());
    }
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(archive)
        .map_err(unwritten())?;
    let mut writer = Writer::new(BufWriter::new(file), recipients).map_err(unwritten())?;
    for table in &mut contents.tables {
        writer
            .begin(&table.schema, &table.name)
            .map_err(unwritten())?;
        let (rows, bytes, sha256) = snapshot::read(&mut transaction, table, |piece| {
            writer.data(piece).map_err(unwritten())
        })
        .await?;
        (table.rows, table.bytes, table.sha256) = (rows, bytes, sha256);
    }
    contents.sequences = snapshot::sequences(&mut transaction, &contents.tables).await?;
    contents.rows = contents.tables.iter().map(|table| table.rows).sum();
    transaction.rollback().await.map_err(failed())?;
    sqlx::query("select pg_advisory_unlock_shared($1)")
        .bind(migrate::LOCK)
        .execute(&mut *connection)
        .await
        .map_err(failed())?;

    let (file, bytes, sha256) = writer.finish(&contents).map_err(unwritten())?;
    file.into_inner()
        .map_err(|error| unwritten()(error.into_error()))?
        .sync_all()
        .map_err(unwritten())?;
    Ok(Manifest {
        contents,
        archive: Archive {
            bytes,
            sha256,
            recipients: recipients.iter().map(ToString::to_string).collect(),
        },
    })
}

/// Everything but the rows.
async fn describe(connection: &mut PgConnection) -> Result<Contents> {
    let failed = || Error::database("cannot read what the database holds");
    // The product's time, which only a local stack can move; the real one before the first migration.
    let timed: bool = sqlx::query_scalar("select to_regprocedure('private.now()') is not null")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed())?;
    let milliseconds: i64 = sqlx::query_scalar(if timed {
        "select floor(extract(epoch from private.now()) * 1000)::bigint"
    } else {
        "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint"
    })
    .fetch_one(&mut *connection)
    .await
    .map_err(failed())?;
    let server: String =
        sqlx::query_scalar("select split_part(current_setting('server_version'), ' ', 1)")
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
    let migrations = snapshot::migrations(connection).await?;
    Ok(Contents {
        format: FORMAT.to_owned(),
        id: Uuid::new_v4(),
        taken_at: Timestamp::from_millisecond(milliseconds).unwrap_or_default(),
        server,
        schema_version: migrations
            .last()
            .map(|migration| migration.version.clone())
            .unwrap_or_default(),
        schema: snapshot::schema(connection).await?,
        jobs: snapshot::jobs(connection).await?,
        tables: snapshot::tables(connection).await?,
        sequences: Vec::new(),
        rows: 0,
        migrations,
    })
}

/// Writes the backup down in the database, for its watchdog.
pub(super) async fn record(
    connection: &mut PgConnection,
    manifest: &Manifest,
    store: &Store,
) -> Result {
    if !snapshot::exists(connection, "private.backups").await? {
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
    .bind(store.place())
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
