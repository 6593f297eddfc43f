//! Taking a backup.

use std::fs::File;
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::age::Recipient;
use super::archive::Writer;
use super::error::BackupError;
use super::manifest::{Archive, Contents, FORMAT, Manifest};
use super::store::Store;
use super::{records, snapshot};
use crate::error::{Error, Result};
use crate::migrate;
use crate::postgres::catalog;

/// Takes a backup in one snapshot, encrypts it, keeps it in the store and writes down in the database that it was made.
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
    records::backup(&mut connection, &manifest, store.place()).await?;
    drop(connection.close().await);
    Ok(manifest)
}

/// Writes the archive, while nobody changes the schema; others who only read it may.
async fn dump(
    connection: &mut PgConnection,
    archive: &Path,
    recipients: &[Recipient],
) -> Result<Manifest> {
    let failed = || Error::database("cannot read the database in one snapshot");
    sqlx::query("select pg_advisory_lock_shared($1)")
        .bind(migrate::LOCK)
        .execute(&mut *connection)
        .await
        .map_err(failed())?;
    let mut transaction = connection
        .begin_with("begin isolation level repeatable read, read only")
        .await
        .map_err(failed())?;
    let manifest = write(&mut transaction, archive, recipients).await?;
    transaction.rollback().await.map_err(failed())?;
    sqlx::query("select pg_advisory_unlock_shared($1)")
        .bind(migrate::LOCK)
        .execute(&mut *connection)
        .await
        .map_err(failed())?;
    Ok(manifest)
}

async fn write(
    transaction: &mut PgConnection,
    archive: &Path,
    recipients: &[Recipient],
) -> Result<Manifest> {
    let unwritten = || Error::io(format!("cannot write {}", archive.display()));
    snapshot::normalize_output(transaction).await?;
    let mut contents = describe(transaction).await?;
    if contents.migrations.is_empty() {
        return Err(BackupError::Unfit {
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
        let each = |piece: &Bytes| writer.data(piece).map_err(unwritten());
        (table.rows, table.bytes, table.sha256) = snapshot::read(transaction, table, each).await?;
    }
    contents.sequences = snapshot::sequences(transaction, &contents.tables).await?;
    contents.rows = contents.tables.iter().map(|table| table.rows).sum();
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
    // The product's time, which only a local stack can move; the real one before the first migration.
    let timed = catalog::has_function(connection, "private.now()").await;
    let milliseconds: i64 = sqlx::query_scalar(if timed.map_err(snapshot::failed())? {
        "select floor(extract(epoch from private.now()) * 1000)::bigint"
    } else {
        "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint"
    })
    .fetch_one(&mut *connection)
    .await
    .map_err(snapshot::failed())?;
    let server = catalog::server_version(connection)
        .await
        .map_err(snapshot::failed())?;
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
