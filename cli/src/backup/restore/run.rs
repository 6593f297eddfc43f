//! The restore, from beginning to end.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::types::Json;
use sqlx::{Connection as _, PgConnection};

use super::{compare, rows};
use crate::backup::age::Identity;
use crate::backup::archive::Reader;
use crate::backup::error::BackupError;
use crate::backup::manifest::{Contents, Manifest};
use crate::backup::{erasures, records, snapshot, store::Store};
use crate::migrate::{self, Migration};
use crate::postgres::connection::{connect, execute, lock};
use crate::{Error, Result, postgres::catalog};

/// What becomes of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: it was a rehearsal.
    RollBack,
    /// It keeps what was restored.
    Commit,
}

/// What was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    /// Tables that were compared.
    pub tables: usize,
    /// Rows that were compared, hash by hash, with those that were backed up.
    pub rows: u64,
    /// Migrations applied on top of the backup's own.
    pub migrated: Vec<String>,
    /// What was put into states that ask before they act.
    pub reconciled: Value,
    /// How much of it had been erased since, and was erased again.
    pub erased: Value,
}

/// How to restore.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What the archive must be.
    pub manifest: &'a Manifest,
    /// The encrypted archive, compared with its manifest.
    pub archive: &'a Path,
    /// Who may open it.
    pub identities: &'a [Identity],
    /// The folder with the migrations.
    pub migrations: &'a Path,
    /// Where the backup came from; written down in the target.
    pub store: &'a Store,
}

/// Restores into an empty target. Whatever goes wrong, the target stays as it was.
///
/// # Errors
///
/// [`BackupError`] when the backup or the target is not what it must be; otherwise what the database refused.
pub async fn restore(target: &PgConnectOptions, plan: &Plan<'_>, end: End) -> Result<Restored> {
    let doing = "cannot restore";
    let failed = || Error::database(doing);
    let contents = &plan.manifest.contents;
    let all = migrate::read(plan.migrations)?;
    let then = migrations_of(contents, &all)?;
    let erased = plan.store.erasures().await?;
    // Before the target is asked for anything: is it an archive that we may open?
    let file = File::open(plan.archive).map_err(Error::io("cannot read the archive"))?;
    let mut reader = Reader::new(BufReader::new(file), plan.identities)?;

    let mut connection = connect(target).await?;
    let mut transaction = connection.begin().await.map_err(failed())?;
    lock(&mut transaction, "pg_advisory_xact_lock").await?;
    compare::refuse_contents(&mut transaction).await?;
    migrate::apply_within(&mut transaction, then).await?;
    restore_as_it_was(&mut transaction, &mut reader, contents).await?;
    let migrated = migrate::apply_within(&mut transaction, all).await?;
    let reconciled = reconcile(&mut transaction, contents).await?;
    let erased = erasures::apply(&mut transaction, &erased).await?;
    records::backup(&mut transaction, plan.manifest, plan.store.place()).await?;
    records::verification(&mut transaction, contents, None).await?;
    match end {
        End::RollBack => transaction.rollback().await.map_err(failed())?,
        End::Commit => {
            execute(&mut transaction, "notify pgrst, 'reload schema'", doing).await?;
            transaction.commit().await.map_err(failed())?;
        }
    }
    drop(connection.close().await);
    Ok(Restored {
        tables: contents.tables.len(),
        rows: contents.rows,
        migrated: migrated.into_iter().map(|one| one.file).collect(),
        reconciled,
        erased,
    })
}

/// The rows of the backup, and the comparison with what was backed up.
async fn restore_as_it_was(
    transaction: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    contents: &Contents,
) -> Result {
    snapshot::normalize_output(transaction).await?;
    compare::refuse_unfit(transaction, contents).await?;
    turn_triggers(transaction, false).await?;
    rows::load(transaction, reader, contents).await?;
    rows::set_sequences(transaction, contents).await?;
    let differences = compare::differences(transaction, contents).await?;
    if !differences.is_empty() {
        return Err(BackupError::Differs(differences).into());
    }
    turn_triggers(transaction, true).await?;
    execute(
        transaction,
        "set local search_path to default",
        "cannot restore",
    )
    .await
}

/// Turns triggers and foreign keys on or off. Off: rows come in the tables' order, and what they once caused is among them.
async fn turn_triggers(connection: &mut PgConnection, on: bool) -> Result {
    let sql = match on {
        true => "set local session_replication_role = origin",
        false => "set local session_replication_role = replica",
    };
    execute(connection, sql, "cannot turn the triggers off").await
}

/// The backup's own migrations, from this checkout.
fn migrations_of(contents: &Contents, here: &[Migration]) -> Result<Vec<Migration>> {
    let newest = here
        .last()
        .map(|migration| migration.version.clone())
        .unwrap_or_default();
    let mut found = Vec::new();
    for applied in &contents.migrations {
        let same = here
            .iter()
            .find(|migration| migration.version == applied.version);
        let fault = match (same, &applied.sha256) {
            (Some(migration), Some(sha256)) if *sha256 != migration.checksum => {
                BackupError::OtherMigrations(migration.file.clone())
            }
            (Some(migration), _) => {
                found.push(migration.clone());
                continue;
            }
            (None, _) if applied.version > newest => {
                let backup = contents.schema_version.clone();
                BackupError::TooNew {
                    backup,
                    here: newest,
                }
            }
            (None, _) => {
                let file = format!("{}_{}.sql", applied.version, applied.name);
                BackupError::OtherMigrations(file)
            }
        };
        return Err(fault.into());
    }
    Ok(found)
}

/// Puts work that may have gone on since into states that look before they act; see the comment of the SQL function.
async fn reconcile(connection: &mut PgConnection, contents: &Contents) -> Result<Value> {
    let function = "private.reconcile_after_restore(uuid, timestamptz)";
    let known = catalog::has_function(connection, function).await;
    if !known.map_err(Error::database("cannot read the target"))? {
        let what = "the migrations of this checkout have no private.reconcile_after_restore";
        return Err(BackupError::Unfit(what.to_owned()).into());
    }
    turn_triggers(connection, false).await?;
    let sql = "select private.reconcile_after_restore($1, to_timestamp($2::bigint / 1000.0))";
    let call = sqlx::query_scalar(sql)
        .bind(contents.id)
        .bind(contents.taken_at.as_millisecond());
    let reconciled = call.fetch_one(&mut *connection).await;
    let Json(reconciled) =
        reconciled.map_err(Error::database("cannot reconcile what was restored"))?;
    turn_triggers(connection, true).await?;
    Ok(reconciled)
}
