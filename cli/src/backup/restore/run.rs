//! The restore, from beginning to end.

use std::fs::File;
use std::io::BufReader;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::plan::{End, Plan, Restored};
use super::{compare, load, migrations, reconcile, target, triggers};
use crate::backup::archive::Reader;
use crate::backup::error::BackupError;
use crate::backup::{records, snapshot};
use crate::error::{Error, Result};
use crate::migrate::{self, Migration};

/// Restores into an empty target. Whatever goes wrong, the target stays as it was.
///
/// # Errors
///
/// [`BackupError`] when the backup or the target is not what it must be; otherwise what the database refused.
pub async fn restore(target: &PgConnectOptions, plan: &Plan<'_>, end: End) -> Result<Restored> {
    let failed = || Error::database("cannot restore");
    let contents = &plan.manifest.contents;
    let all = migrate::read(plan.migrations)?;
    let then = migrations::of_backup(contents, &all)?;
    // Before the target is asked for anything: is it an archive that we may open?
    let file = File::open(plan.archive).map_err(Error::io("cannot read the archive"))?;
    let mut reader = Reader::new(BufReader::new(file), plan.identities)?;

    let mut connection = migrate::connect(target).await?;
    let mut transaction = connection.begin().await.map_err(failed())?;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(migrate::LOCK)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
    target::refuse_contents(&mut transaction).await?;
    restore_as_it_was(&mut transaction, &mut reader, plan, then).await?;
    let migrated = migrate::apply_within(&mut transaction, all).await?;
    let reconciled = reconcile::reconcile(&mut transaction, contents).await?;
    records::backup(&mut transaction, plan.manifest, plan.store.place()).await?;
    records::verification(&mut transaction, contents, None).await?;
    match end {
        End::RollBack => transaction.rollback().await.map_err(failed())?,
        End::Commit => {
            sqlx::raw_sql("notify pgrst, 'reload schema'")
                .execute(&mut *transaction)
                .await
                .map_err(failed())?;
            transaction.commit().await.map_err(failed())?;
        }
    }
    drop(connection.close().await);
    Ok(Restored {
        tables: contents.tables.len(),
        rows: contents.rows,
        migrated: migrated.into_iter().map(|one| one.file).collect(),
        reconciled,
    })
}

/// Schema and rows of the backup, and the comparison with what was backed up.
async fn restore_as_it_was(
    transaction: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    plan: &Plan<'_>,
    migrations: Vec<Migration>,
) -> Result {
    let contents = &plan.manifest.contents;
    migrate::apply_within(transaction, migrations).await?;
    snapshot::normalize_output(transaction).await?;
    target::refuse_unfit(transaction, contents).await?;
    triggers::turn(transaction, false).await?;
    load::tables(transaction, reader, contents).await?;
    load::sequences(transaction, contents).await?;
    let differences = compare::differences(transaction, contents).await?;
    if !differences.is_empty() {
        return Err(BackupError::Differs(differences).into());
    }
    triggers::turn(transaction, true).await?;
    sqlx::raw_sql("set local search_path to default")
        .execute(transaction)
        .await
        .map(drop)
        .map_err(Error::database("cannot restore"))
}
