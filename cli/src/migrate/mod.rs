//! `catalyst migrate`: the migrations of `supabase/migrations`, each in one transaction, with a checksum each.
//!
//! The history stays readable by the Supabase CLI (`supabase_migrations.schema_migrations`); the checksums have a table
//! of their own beside it.

pub(crate) mod error;
mod split;

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

pub use error::{FailedStatement, MigrateError};
pub use split::{Statement, statements};

use crate::error::{Error, Result};

/// One file of the folder.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The 14 digits.
    pub version: String,
    /// The rest of the name.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// Its text.
    pub sql: String,
    /// SHA-256 of the text, in hexadecimal.
    pub checksum: String,
}

/// What the history says of one version.
#[derive(Clone, Debug)]
struct Applied {
    name: String,
    statements: Vec<String>,
    checksum: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Recorded {
    version: String,
    name: Option<String>,
    statements: Option<Vec<String>>,
    sha256: Option<String>,
}

/// Where one migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Applied, and the file is what was applied.
    Applied,
    /// Applied by another tool, which kept no checksum; the statements agree.
    AppliedElsewhere,
    /// Applied, and the file has changed since.
    Changed,
    /// Applied, and the file is gone.
    Missing,
    /// Not applied yet.
    Pending,
    /// Not applied, and older than the newest one applied.
    Gap,
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Applied => "applied",
            Self::AppliedElsewhere => "applied (no checksum)",
            Self::Changed => "CHANGED",
            Self::Missing => "FILE MISSING",
            Self::Pending => "pending",
            Self::Gap => "GAP",
        })
    }
}

/// One line of `catalyst migrate status`.
#[derive(Clone, Debug)]
pub struct Status {
    /// The 14 digits.
    pub version: String,
    /// The rest of the name.
    pub name: String,
    /// Where it stands.
    pub state: State,
}

/// SHA-256 in hexadecimal.
pub fn checksum(bytes: &[u8]) -> String {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Reads the folder's migrations in order.
pub fn read(folder: &Path) -> Result<Vec<Migration>> {
    let failed = |path: &Path| Error::io(format!("cannot read {}", path.display()));
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(failed(folder))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()
        .map_err(failed(folder))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let mut migrations: Vec<Migration> = Vec::with_capacity(paths.len());
    for path in paths {
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (version, name) =
            parse_name(&file).ok_or_else(|| MigrateError::Name { file: file.clone() })?;
        if let Some(before) = migrations.last().filter(|before| before.version == version) {
            return Err(MigrateError::Twice {
                first: before.file.clone(),
                second: file,
            }
            .into());
        }
        let sql = fs::read_to_string(&path).map_err(failed(&path))?;
        let checksum = checksum(sql.as_bytes());
        migrations.push(Migration {
            version,
            name,
            file,
            sql,
            checksum,
        });
    }
    Ok(migrations)
}

fn parse_name(file: &str) -> Option<(String, String)> {
    let (version, name) = file.strip_suffix(".sql")?.split_once('_')?;
    let named = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (version.len() == 14 && version.bytes().all(|byte| byte.is_ascii_digit()) && named)
        .then(|| (version.to_owned(), name.to_owned()))
}

/// Applies what is pending, in order, and says which files those were. Two calls at the same moment apply each file once.
pub async fn up(
    login: &PgConnectOptions,
    folder: &Path,
    mut told: impl FnMut(&Migration),
) -> Result<Vec<Migration>> {
    let migrations = read(folder)?;
    let mut connection = connect(login).await?;
    lock(&mut connection).await?;
    let done = apply(&mut connection, migrations, &mut told).await;
    // The lock goes with the connection.
    drop(connection.close().await);
    done
}

/// Applies what is pending of `migrations` inside the caller's own transaction, which may still be rolled back whole.
pub(crate) async fn apply_within(
    connection: &mut PgConnection,
    migrations: Vec<Migration>,
) -> Result<Vec<Migration>> {
    apply(connection, migrations, &mut |_| {}).await
}

async fn apply(
    connection: &mut PgConnection,
    migrations: Vec<Migration>,
    told: &mut impl FnMut(&Migration),
) -> Result<Vec<Migration>> {
    create_history(connection).await?;
    let applied = history(connection).await?;
    refuse_what_disagrees(&migrations, &applied)?;
    let (mut adopt, mut pending) = (Vec::new(), Vec::new());
    for migration in migrations {
        match applied.get(&migration.version) {
            None => pending.push(migration),
            Some(Applied { checksum: None, .. }) => adopt.push(migration),
            Some(_) => {}
        }
    }
    for migration in adopt {
        keep_checksum(connection, &migration).await?;
    }
    for migration in &pending {
        apply_one(connection, migration).await?;
        told(migration);
    }
    if !pending.is_empty() {
        sqlx::raw_sql("notify pgrst, 'reload schema'")
            .execute(&mut *connection)
            .await
            .map_err(Error::database("cannot notify the Data API"))?;
    }
    Ok(pending)
}

/// Where every migration stands, oldest first.
pub async fn status(login: &PgConnectOptions, folder: &Path) -> Result<Vec<Status>> {
    let migrations = read(folder)?;
    let mut connection = connect(login).await?;
    let applied = if history_exists(&mut connection).await? {
        history(&mut connection).await?
    } else {
        BTreeMap::new()
    };
    drop(connection.close().await);
    let newest = applied.keys().next_back().cloned().unwrap_or_default();
    let mut lines: BTreeMap<String, Status> = applied
        .iter()
        .map(|(version, applied)| {
            (
                version.clone(),
                Status {
                    version: version.clone(),
                    name: applied.name.clone(),
                    state: State::Missing,
                },
            )
        })
        .collect();
    for migration in migrations {
        let state = match applied.get(&migration.version) {
            None if migration.version < newest => State::Gap,
            None => State::Pending,
            Some(applied) => compare(&migration, applied),
        };
        lines.insert(
            migration.version.clone(),
            Status {
                version: migration.version,
                name: migration.name,
                state,
            },
        );
    }
    Ok(lines.into_values().collect())
}

/// Refuses when the database and the folder disagree in any way but pending files.
pub async fn verify(login: &PgConnectOptions, folder: &Path) -> Result<usize> {
    let migrations = read(folder)?;
    let mut connection = connect(login).await?;
    let applied = if history_exists(&mut connection).await? {
        history(&mut connection).await?
    } else {
        BTreeMap::new()
    };
    drop(connection.close().await);
    refuse_what_disagrees(&migrations, &applied)?;
    Ok(applied.len())
}

fn compare(migration: &Migration, applied: &Applied) -> State {
    match &applied.checksum {
        Some(checksum) if *checksum == migration.checksum => State::Applied,
        Some(_) => State::Changed,
        None => {
            let canonical = |texts: &mut dyn Iterator<Item = String>| {
                texts.filter(|text| !text.is_empty()).collect::<Vec<_>>()
            };
            let here = canonical(
                &mut statements(&migration.sql)
                    .iter()
                    .map(|statement| split::canonical(&statement.text)),
            );
            let there = canonical(
                &mut applied
                    .statements
                    .iter()
                    .map(|statement| split::canonical(statement)),
            );
            if here == there {
                State::AppliedElsewhere
            } else {
                State::Changed
            }
        }
    }
}

fn refuse_what_disagrees(migrations: &[Migration], applied: &BTreeMap<String, Applied>) -> Result {
    for (version, applied) in applied {
        let Some(migration) = migrations
            .iter()
            .find(|migration| migration.version == *version)
        else {
            return Err(MigrateError::Missing {
                version: version.clone(),
                name: applied.name.clone(),
            }
            .into());
        };
        if compare(migration, applied) == State::Changed {
            return Err(MigrateError::Changed {
                file: migration.file.clone(),
                applied: applied
                    .checksum
                    .clone()
                    .unwrap_or_else(|| "unknown, other statements".to_owned()),
                found: migration.checksum.clone(),
            }
            .into());
        }
    }
    if let Some(newest) = applied.keys().next_back()
        && let Some(gap) = migrations.iter().find(|migration| {
            migration.version < *newest && !applied.contains_key(&migration.version)
        })
    {
        return Err(MigrateError::Gap {
            file: gap.file.clone(),
            newest: newest.clone(),
        }
        .into());
    }
    Ok(())
}

/// A connection as the role that owns the product's objects, without timeouts.
pub(crate) async fn connect(login: &PgConnectOptions) -> Result<PgConnection> {
    let failed = || Error::database("cannot connect to the database");
    let mut connection = PgConnection::connect_with(login).await.map_err(failed())?;
    // Whoever logs in, objects belong to `postgres`, as with the Supabase CLI.
    sqlx::raw_sql(
        "do $$ begin
           if current_user <> 'postgres' and exists (select from pg_roles where rolname = 'postgres')
              and pg_has_role(current_user, 'postgres', 'member') then
             set session role postgres;
           end if;
         end $$",
    )
    .execute(&mut connection)
    .await
    .map_err(failed())?;
    sqlx::raw_sql("set statement_timeout = 0; set lock_timeout = 0")
        .execute(&mut connection)
        .await
        .map_err(failed())?;
    Ok(connection)
}

/// The advisory lock of whoever changes the schema, or needs it to stand still.
pub(crate) const LOCK: i64 = i64::from_be_bytes(*b"catalyst");

/// Waits until no other `up` runs.
async fn lock(connection: &mut PgConnection) -> Result {
    sqlx::query("select pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(connection)
        .await
        .map(drop)
        .map_err(Error::database("cannot take the lock of the migrations"))
}

async fn history_exists(connection: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("select to_regclass('supabase_migrations.schema_migrations') is not null")
        .fetch_one(connection)
        .await
        .map_err(Error::database("cannot read the history of migrations"))
}

async fn create_history(connection: &mut PgConnection) -> Result {
    sqlx::raw_sql(
        "create schema if not exists supabase_migrations;
         create table if not exists supabase_migrations.schema_migrations (
           version text not null primary key, statements text[], name text);
         create table if not exists supabase_migrations.catalyst_checksums (
           version text not null primary key, sha256 text not null, applied_at timestamptz not null default now());
         comment on table supabase_migrations.catalyst_checksums is
           'SHA-256 of every migration file as it was applied; catalyst migrate refuses a file that has changed since.'",
    )
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database("cannot make the history of migrations"))
}

async fn history(connection: &mut PgConnection) -> Result<BTreeMap<String, Applied>> {
    let failed = || Error::database("cannot read the history of migrations");
    let with_checksums: bool = sqlx::query_scalar(
        "select to_regclass('supabase_migrations.catalyst_checksums') is not null",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed())?;
    let rows: Vec<Recorded> = sqlx::query_as(if with_checksums {
        "select m.version, m.name, m.statements, c.sha256 from supabase_migrations.schema_migrations m \
         left join supabase_migrations.catalyst_checksums c using (version)"
    } else {
        "select version, name, statements, null as sha256 from supabase_migrations.schema_migrations"
    })
    .fetch_all(connection)
    .await
    .map_err(failed())?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let applied = Applied {
                name: row.name.unwrap_or_default(),
                statements: row.statements.unwrap_or_default(),
                checksum: row.sha256,
            };
            (row.version, applied)
        })
        .collect())
}

async fn keep_checksum(connection: &mut PgConnection, migration: &Migration) -> Result {
    sqlx::query(
        "insert into supabase_migrations.catalyst_checksums (version, sha256) values ($1, $2)",
    )
    .bind(&migration.version)
    .bind(&migration.checksum)
    .execute(connection)
    .await
    .map(drop)
    .map_err(Error::database("cannot keep the checksum of a migration"))
}

async fn apply_one(connection: &mut PgConnection, migration: &Migration) -> Result {
    let failed = || Error::database(format!("cannot apply {}", migration.file));
    let statements = statements(&migration.sql);
    for statement in &statements {
        let mut words = statement
            .text
            .split(|c: char| !c.is_ascii_alphabetic())
            .map(str::to_ascii_lowercase);
        let (first, second) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let transactional = match first.as_str() {
            "begin" | "commit" | "rollback" | "abort" | "end" => true,
            "start" | "prepare" => second == "transaction",
            _ => false,
        };
        if transactional {
            return Err(MigrateError::Transaction {
                file: migration.file.clone(),
                line: statement.line,
                statement: excerpt(&statement.text),
            }
            .into());
        }
    }
    let mut transaction = connection.begin().await.map_err(failed())?;
    for statement in &statements {
        if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.text.as_str()))
            .execute(&mut *transaction)
            .await
        {
            drop(transaction.rollback().await);
            return Err(refused(migration, statement, error));
        }
    }
    sqlx::query("insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)")
        .bind(&migration.version)
        .bind(statements.iter().map(|statement| statement.text.as_str()).collect::<Vec<_>>())
        .bind(&migration.name)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
    keep_checksum(&mut transaction, migration).await?;
    transaction.commit().await.map_err(failed())?;
    // What a file set for its session must not reach the next one.
    sqlx::raw_sql("set search_path to default; set statement_timeout = 0")
        .execute(connection)
        .await
        .map(drop)
        .map_err(failed())
}

fn refused(migration: &Migration, statement: &Statement, error: sqlx::Error) -> Error {
    let Some(database) = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>())
    else {
        return Error::database(format!("{}:{}", migration.file, statement.line))(error);
    };
    let line = match database.position() {
        Some(sqlx::postgres::PgErrorPosition::Original(position)) => {
            let offset = statement
                .text
                .char_indices()
                .nth(position.saturating_sub(1))
                .map_or(0, |(offset, _)| offset);
            statement.line + split::line_of(&statement.text, offset) - 1
        }
        _ => statement.line,
    };
    let more = [
        ("detail", database.detail()),
        ("hint", database.hint()),
        ("in", database.r#where()),
    ];
    MigrateError::Statement(Box::new(FailedStatement {
        file: migration.file.clone(),
        line,
        statement: excerpt(&statement.text),
        code: database.code().to_owned(),
        message: database.message().to_owned(),
        more: more
            .into_iter()
            .filter_map(|(name, text)| Some(format!("{name}: {}", text?.lines().next()?)))
            .collect(),
    }))
    .into()
}

/// The first lines of a statement.
fn excerpt(statement: &str) -> String {
    let mut lines: Vec<_> = statement
        .lines()
        .take(4)
        .map(|line| line.chars().take(120).collect::<String>())
        .collect();
    if statement.lines().count() > lines.len() {
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::parse_name;

    #[test]
    fn names_are_a_timestamp_and_words() {
        assert_eq!(
            parse_name("20261122000100_initial_schema.sql"),
            Some(("20261122000100".into(), "initial_schema".into()))
        );
        for wrong in [
            "1_x.sql",
            "20261122000100.sql",
            "20261122000100_.sql",
            "20261122000100_X.sql",
            "2026112200010a_x.sql",
        ] {
            assert_eq!(parse_name(wrong), None, "{wrong}");
        }
    }
}
