//! Restoring: schema, rows, comparison and reconciliation in one transaction, so that there is no half of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::archive::{Frame, Reader, hex};
use super::fault::Fault;
use super::manifest::{Contents, Manifest, Table};
use super::sealed::Identity;
use super::{create, snapshot, store::Store};
use crate::error::{Error, Result};
use crate::migrate::{self, Migration};

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
    pub reconciled: serde_json::Value,
}

/// How to restore.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What the archive must be.
    pub manifest: &'a Manifest,
    /// The sealed archive, compared with its manifest.
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
/// [`Fault`] when the backup or the target is not what it must be; otherwise what the database refused.
pub async fn restore(target: &PgConnectOptions, plan: &Plan<'_>, end: End) -> Result<Restored> {
    let failed = || Error::database("cannot restore");
    let contents = &plan.manifest.contents;
    let all = migrate::read(plan.migrations)?;
    let then = migrations_of(contents, &all)?;
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
    refuse_what_is_there(&mut transaction).await?;
    migrate::apply_within(&mut transaction, then).await?;
    snapshot::settle(&mut transaction).await?;
    refuse_unfit(&mut transaction, contents).await?;
    triggers(&mut transaction, false).await?;
    load(&mut transaction, &mut reader, contents).await?;
    set_sequences(&mut transaction, contents).await?;
    let differences = compare(&mut transaction, contents).await?;
    if !differences.is_empty() {
        return Err(Fault::Differs(differences).into());
    }
    triggers(&mut transaction, true).await?;
    sqlx::raw_sql("set local search_path to default")
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
    let migrated = migrate::apply_within(&mut transaction, all).await?;
    let reconciled = reconcile(&mut transaction, contents).await?;
    create::record(&mut transaction, plan.manifest, plan.store).await?;
    verified(&mut transaction, contents, None).await?;
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
        migrated: migrated
            .into_iter()
            .map(|migration| migration.file)
            .collect(),
        reconciled,
    })
}

/// Opens an archive and walks through all of it, without a database: whether it is whole and genuine, and holds what its
/// manifest says.
///
/// # Errors
///
/// [`Fault`] when it is not.
pub fn examine(archive: &Path, manifest: &Manifest, identities: &[Identity]) -> Result {
    let file = File::open(archive).map_err(Error::io("cannot read the archive"))?;
    let mut reader = Reader::new(BufReader::new(file), identities)?;
    let contents = &manifest.contents;
    let mut frame = reader.next()?;
    for table in &contents.tables {
        begins(&frame, table)?;
        let mut seen = Seen::default();
        frame = loop {
            match reader.next()? {
                Frame::Data(bytes) => seen.take(&bytes),
                other => break other,
            }
        };
        seen.compare(table)?;
    }
    Ok(ends(&frame, contents)?)
}

/// The backup's own migrations, from this checkout.
fn migrations_of(contents: &Contents, here: &[Migration]) -> Result<Vec<Migration>> {
    let newest = here
        .last()
        .map(|migration| migration.version.clone())
        .unwrap_or_default();
    let mut found = Vec::new();
    for applied in &contents.migrations {
        let Some(migration) = here
            .iter()
            .find(|migration| migration.version == applied.version)
        else {
            return Err(if applied.version > newest {
                Fault::TooNew {
                    backup: contents.schema_version.clone(),
                    here: newest,
                }
            } else {
                Fault::OtherMigrations {
                    file: format!("{}_{}.sql", applied.version, applied.name),
                }
            }
            .into());
        };
        if applied
            .sha256
            .as_ref()
            .is_some_and(|sha256| *sha256 != migration.checksum)
        {
            return Err(Fault::OtherMigrations {
                file: migration.file.clone(),
            }
            .into());
        }
        found.push(migration.clone());
    }
    Ok(found)
}

/// A target is empty when nothing of the product and nobody's account is in it.
async fn refuse_what_is_there(connection: &mut PgConnection) -> Result {
    let failed = || Error::database("cannot look at the target");
    for (relation, name) in [
        (
            "supabase_migrations.schema_migrations",
            "applied migrations",
        ),
        ("auth.users", "accounts"),
    ] {
        if !snapshot::exists(connection, relation).await? {
            continue;
        }
        let sql = format!("select count(*) from {relation}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
        if count > 0 {
            return Err(Fault::NotEmpty {
                what: format!("it has {count} {name}"),
            }
            .into());
        }
    }
    let table: Option<String> = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'private', 'engine') and c.relkind in ('r', 'p', 'v', 'm')
           and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') limit 1",
    )
    .fetch_optional(connection)
    .await
    .map_err(failed())?;
    match table {
        Some(table) => Err(Fault::NotEmpty {
            what: format!("it has the relation {table}"),
        }
        .into()),
        None => Ok(()),
    }
}

/// Every table and column of the backup must be there; a table without rows may be missing.
async fn refuse_unfit(connection: &mut PgConnection, contents: &Contents) -> Result {
    let here: BTreeMap<String, Table> = snapshot::tables(connection)
        .await?
        .into_iter()
        .map(|table| (table.full_name(), table))
        .collect();
    for table in &contents.tables {
        let name = table.full_name();
        let Some(found) = here.get(&name) else {
            return Err(Fault::Unfit {
                what: format!(
                    "{name} was made beside the migrations, or belongs to a newer version of the platform"
                ),
            }
            .into());
        };
        for (column, kind) in &table.columns {
            if !found.columns.iter().any(|(other, _)| other == column) {
                return Err(Fault::Unfit {
                    what: format!("{name} has no column {column} ({kind})"),
                }
                .into());
            }
        }
    }
    Ok(())
}

/// Triggers and foreign keys off: rows come in the tables' order, and what they once caused is among them.
async fn triggers(connection: &mut PgConnection, on: bool) -> Result {
    sqlx::raw_sql(if on {
        "set local session_replication_role = origin"
    } else {
        "set local session_replication_role = replica"
    })
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database("cannot turn the triggers off"))
}

async fn load(
    connection: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    contents: &Contents,
) -> Result {
    let failed = || Error::database("cannot empty the tables");
    for table in &contents.tables {
        // What the migrations put there is among what was backed up.
        let sql = format!(
            "delete from {}",
            snapshot::place(&table.schema, &table.name)
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .map_err(failed())?;
    }
    let mut frame = reader.next()?;
    for table in &contents.tables {
        begins(&frame, table)?;
        frame = load_table(connection, reader, table).await?;
    }
    Ok(ends(&frame, contents)?)
}

fn begins(frame: &Frame, table: &Table) -> std::result::Result<(), Fault> {
    match frame {
        Frame::Begin(begin) if begin.schema == table.schema && begin.name == table.name => Ok(()),
        _ => Err(Fault::damaged(format!(
            "{} is missing where the manifest has it",
            table.full_name()
        ))),
    }
}

fn ends(frame: &Frame, contents: &Contents) -> std::result::Result<(), Fault> {
    match frame {
        Frame::End(inside) if **inside == *contents => Ok(()),
        Frame::End(_) => Err(Fault::Foreign {
            name: "the manifest".to_owned(),
            what: "it is not that of this archive".to_owned(),
        }),
        _ => Err(Fault::damaged("it holds more than the manifest says")),
    }
}

/// What came of a table.
struct Seen {
    hash: Context,
    rows: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            hash: Context::new(&SHA256),
            rows: 0,
        }
    }
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.rows += snapshot::count_rows(bytes);
    }

    fn compare(self, table: &Table) -> std::result::Result<(), Fault> {
        if self.rows == table.rows && hex(self.hash.finish().as_ref()) == table.sha256 {
            return Ok(());
        }
        Err(Fault::damaged(format!(
            "the rows of {} are not those of the manifest",
            table.full_name()
        )))
    }
}

/// Loads one table; answers with the frame that follows it.
async fn load_table(
    connection: &mut PgConnection,
    reader: &mut Reader<BufReader<File>>,
    table: &Table,
) -> Result<Frame> {
    let failed = || Error::database(format!("cannot load {}", table.full_name()));
    let statement = format!(
        "copy {} ({}) from stdin",
        snapshot::place(&table.schema, &table.name),
        snapshot::columns(table, "")
    );
    let mut copy = connection.copy_in_raw(&statement).await.map_err(failed())?;
    let mut seen = Seen::default();
    let next = loop {
        match reader.next() {
            Ok(Frame::Data(bytes)) => {
                seen.take(&bytes);
                copy.send(bytes).await.map_err(failed())?;
            }
            Ok(other) => break other,
            Err(fault) => {
                drop(copy.abort("the archive is damaged").await);
                return Err(fault.into());
            }
        }
    };
    copy.finish().await.map_err(failed())?;
    seen.compare(table)?;
    Ok(next)
}

async fn set_sequences(connection: &mut PgConnection, contents: &Contents) -> Result {
    for sequence in &contents.sequences {
        sqlx::query("select setval($1::text::regclass, $2, $3)")
            .bind(snapshot::place(&sequence.schema, &sequence.name))
            .bind(sequence.last_value)
            .bind(sequence.is_called)
            .execute(&mut *connection)
            .await
            .map_err(Error::database(format!(
                "cannot set the sequence {}.{}",
                sequence.schema, sequence.name
            )))?;
    }
    Ok(())
}

/// What is not as it was backed up: reads everything again, from the target.
async fn compare(connection: &mut PgConnection, contents: &Contents) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    for table in &contents.tables {
        let (rows, _, sha256) = snapshot::read(connection, table, |_| Ok(())).await?;
        if (rows, &sha256) != (table.rows, &table.sha256) {
            differences.push(format!(
                "{}: {rows} rows with SHA-256 {sha256}, {} rows with {} were backed up",
                table.full_name(),
                table.rows,
                table.sha256
            ));
        }
    }
    let server: String =
        sqlx::query_scalar("select split_part(current_setting('server_version'), ' ', 1)")
            .fetch_one(&mut *connection)
            .await
            .map_err(Error::database("cannot look at the target"))?;
    let major = |version: &str| version.split('.').next().unwrap_or_default().to_owned();
    let same_server = major(&server) == major(&contents.server);
    let here = snapshot::schema(connection).await?;
    let relevant = |name: &str| same_server || !name.ends_with(snapshot::BY_VERSION);
    for (name, hash) in contents.schema.iter().filter(|(name, _)| relevant(name)) {
        match here.get(name) {
            Some(other) if other == hash => {}
            Some(_) => differences.push(format!("{name} was changed beside the migrations")),
            None => differences.push(format!("{name} was made beside the migrations")),
        }
    }
    for name in here.keys().filter(|name| relevant(name)) {
        if !contents.schema.contains_key(name) {
            differences.push(format!("{name} was dropped beside the migrations"));
        }
    }
    let jobs = snapshot::jobs(connection).await?;
    for (name, schedule) in &contents.jobs {
        if jobs.get(name) != Some(schedule) {
            differences.push(format!(
                "the job {name} ({schedule}) was made or changed beside the migrations"
            ));
        }
    }
    for name in jobs.keys() {
        if !contents.jobs.contains_key(name) {
            differences.push(format!("the job {name} was stopped beside the migrations"));
        }
    }
    Ok(differences)
}

/// The world went on after the backup; see the function's own comment.
async fn reconcile(
    connection: &mut PgConnection,
    contents: &Contents,
) -> Result<serde_json::Value> {
    let known: bool = sqlx::query_scalar(
        "select to_regprocedure('private.reconcile_after_restore(uuid, timestamptz)') is not null",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(Error::database("cannot look at the target"))?;
    if !known {
        return Err(Fault::Unfit {
            what: "the migrations of this checkout have no private.reconcile_after_restore"
                .to_owned(),
        }
        .into());
    }
    triggers(connection, false).await?;
    let reconciled: sqlx::types::Json<serde_json::Value> = sqlx::query_scalar(
        "select private.reconcile_after_restore($1, to_timestamp($2::bigint / 1000.0))",
    )
    .bind(contents.id)
    .bind(contents.taken_at.as_millisecond())
    .fetch_one(&mut *connection)
    .await
    .map_err(Error::database("cannot reconcile what was restored"))?;
    triggers(connection, true).await?;
    Ok(reconciled.0)
}

/// Writes down how a verification of a backup ended.
pub(super) async fn verified(
    connection: &mut PgConnection,
    contents: &Contents,
    failure: Option<&str>,
) -> Result {
    if !snapshot::exists(connection, "private.backups").await? {
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
