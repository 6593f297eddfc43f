//! Taking a backup.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::age::Recipient;
use super::archive::Writer;
use super::error::BackupError;
use super::manifest::{Applied, Archive, Contents, FORMAT, Manifest};
use super::{records, signature::SigningKey, snapshot, store::Store};
use crate::postgres::{catalog, connection::connect, connection::lock};
use crate::{Error, Result};

/// Takes a backup in one snapshot, encrypts it, signs its manifest, keeps it in the store and writes down in the database that it was made.
///
/// # Errors
///
/// When the database or the store refuses. A backup that was not stored whole has no manifest and counts for nothing.
pub async fn create(
    login: &PgConnectOptions,
    store: &Store,
    recipients: &[Recipient],
    signing_key: &SigningKey,
) -> Result<Manifest> {
    let folder = tempfile::tempdir().map_err(Error::io("cannot make a temporary folder"))?;
    let archive = folder.path().join("archive");
    let mut connection = connect(login).await?;
    let manifest = dump(&mut connection, &archive, recipients).await?;
    store.put(&manifest, &archive, signing_key).await?;
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
    lock(connection, "pg_advisory_lock_shared").await?;
    let begin = "begin isolation level repeatable read, read only";
    let mut transaction = connection.begin_with(begin).await.map_err(failed())?;
    let manifest = write(&mut transaction, archive, recipients).await?;
    transaction.rollback().await.map_err(failed())?;
    lock(connection, "pg_advisory_unlock_shared").await?;
    Ok(manifest)
}

async fn write(
    transaction: &mut PgConnection,
    archive: &Path,
    recipients: &[Recipient],
) -> Result<Manifest> {
    let unwritten = || Error::io(format!("cannot write {}", archive.display()));
    snapshot::normalize_output(transaction).await?;
    let migrations = snapshot::migrations(transaction).await?;
    if migrations.is_empty() {
        let what = "it has no history of migrations: there is nothing of this product in it";
        return Err(BackupError::Unfit(what.to_owned()).into());
    }
    let described = describe(transaction, migrations).await;
    let (mut contents, orders) = described.map_err(snapshot::failed())?;
    // In a folder that nobody else may enter.
    let file = BufWriter::new(File::create_new(archive).map_err(unwritten())?);
    let mut writer = Writer::new(file, recipients).map_err(unwritten())?;
    for (table, order) in contents.tables.iter_mut().zip(&orders) {
        let begun = writer.begin(&table.schema, &table.name);
        begun.map_err(unwritten())?;
        let each = |piece: &Bytes| writer.data(piece).map_err(unwritten());
        let read = snapshot::read(transaction, table, order, each).await?;
        (table.rows, table.bytes, table.sha256) = read;
    }
    let sequences = snapshot::sequences(transaction, &contents.tables).await;
    contents.sequences = sequences.map_err(snapshot::failed())?;
    contents.rows = contents.tables.iter().map(|table| table.rows).sum();
    let (file, bytes, sha256) = writer.finish(&contents).map_err(unwritten())?;
    let file = file.into_inner().map_err(io::Error::from);
    file.and_then(|file| file.sync_all()).map_err(unwritten())?;
    let recipients = recipients.iter().map(ToString::to_string).collect();
    let archive = Archive {
        bytes,
        sha256,
        recipients,
    };
    Ok(Manifest { contents, archive })
}

/// Everything but the rows, and the order in which those of each table are read.
async fn describe(
    connection: &mut PgConnection,
    migrations: Vec<Applied>,
) -> sqlx::Result<(Contents, Vec<String>)> {
    let newest = migrations.last().map(|migration| migration.version.clone());
    let (tables, orders) = snapshot::tables(connection).await?.into_iter().unzip();
    let contents = Contents {
        format: FORMAT.to_owned(),
        id: Uuid::new_v4(),
        taken_at: now(connection).await?,
        server: catalog::server_version(connection).await?,
        schema_version: newest.unwrap_or_default(),
        schema: snapshot::schema(connection).await?,
        jobs: snapshot::jobs(connection).await?,
        tables,
        sequences: Vec::new(),
        rows: 0,
        migrations,
    };
    Ok((contents, orders))
}

/// The product's time, which only a local stack can move; the real one before the first migration.
async fn now(connection: &mut PgConnection) -> sqlx::Result<Timestamp> {
    let sql = if catalog::has_function(connection, "private.now()").await? {
        "select floor(extract(epoch from private.now()) * 1000)::bigint"
    } else {
        "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint"
    };
    let milliseconds = sqlx::query_scalar(sql).fetch_one(connection).await?;
    Ok(Timestamp::from_millisecond(milliseconds).unwrap_or_default())
}
