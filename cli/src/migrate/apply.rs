//! Applying what is pending, and where a statement stands that the database refused.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgErrorPosition};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::error::{FailedStatement, MigrateError};
use super::files::{Migration, read};
use super::history::{self, Applied};
use super::statements::{Statement, statements};
use super::status::refuse_disagreement;
use crate::postgres::connection::{connect, execute, lock};
use crate::{Error, Result};

/// Applies what is pending, in order, and says which files those were. Two calls at the same moment apply each file once.
pub async fn up(
    login: &PgConnectOptions,
    folder: &Path,
    mut on_applied: impl FnMut(&Migration),
) -> Result<Vec<Migration>> {
    let migrations = read(folder)?;
    let mut connection = connect(login).await?;
    lock(&mut connection, "pg_advisory_lock").await?;
    let done = apply(&mut connection, migrations, &mut on_applied).await;
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
    on_applied: &mut impl FnMut(&Migration),
) -> Result<Vec<Migration>> {
    history::create(connection).await?;
    let applied = history::applied(connection).await?;
    refuse_disagreement(&migrations, &applied)?;
    let mut pending = Vec::new();
    for migration in migrations {
        match applied.get(&migration.version) {
            None => pending.push(migration),
            Some(Applied { checksum: None, .. }) => {
                history::keep_checksum(connection, &migration).await?;
            }
            Some(_) => {}
        }
    }
    for migration in &pending {
        apply_one(connection, migration).await?;
        on_applied(migration);
    }
    if !pending.is_empty() {
        let sql = "notify pgrst, 'reload schema'";
        execute(connection, sql, "cannot notify the Data API").await?;
    }
    Ok(pending)
}

async fn apply_one(connection: &mut PgConnection, migration: &Migration) -> Result {
    let doing = format!("cannot apply {}", migration.file);
    let failed = || Error::database(doing.as_str());
    let statements = statements(&migration.sql);
    if let Some(statement) = statements.iter().find(|one| changes_transaction(one)) {
        return Err(MigrateError::Transaction {
            file: migration.file.clone(),
            line: statement.line,
            statement: excerpt(&statement.text),
        }
        .into());
    }
    let mut transaction = connection.begin().await.map_err(failed())?;
    for statement in &statements {
        let sql = sqlx::raw_sql(AssertSqlSafe(statement.text.as_str()));
        if let Err(error) = sql.execute(&mut *transaction).await {
            drop(transaction.rollback().await);
            return Err(failed_statement(migration, statement, error));
        }
    }
    let texts = statements.iter().map(|one| one.text.as_str()).collect();
    history::record(&mut transaction, migration, texts).await?;
    transaction.commit().await.map_err(failed())?;
    // What a file set for its session must not reach the next one.
    execute(
        connection,
        "set search_path to default; set statement_timeout = 0",
        &doing,
    )
    .await
}

/// Whether a statement begins or ends a transaction.
fn changes_transaction(statement: &Statement) -> bool {
    let words = statement.text.split(|c: char| !c.is_ascii_alphabetic());
    let mut words = words.map(str::to_ascii_lowercase);
    match words.next().unwrap_or_default().as_str() {
        "begin" | "commit" | "rollback" | "abort" | "end" => true,
        "start" | "prepare" => words.next().as_deref() == Some("transaction"),
        _ => false,
    }
}

/// What the database said of a statement, with the statement's place.
fn failed_statement(migration: &Migration, statement: &Statement, error: sqlx::Error) -> Error {
    let database = error.as_database_error();
    let Some(said) = database.and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) else {
        return Error::database(format!("{}:{}", migration.file, statement.line))(error);
    };
    let more = [
        ("detail", said.detail()),
        ("hint", said.hint()),
        ("in", said.r#where()),
    ];
    MigrateError::Statement(Box::new(FailedStatement {
        file: migration.file.clone(),
        line: line(statement, said),
        statement: excerpt(&statement.text),
        code: said.code().to_owned(),
        message: said.message().to_owned(),
        more: more
            .into_iter()
            .filter_map(|(name, text)| Some(format!("{name}: {}", text?.lines().next()?)))
            .collect(),
    }))
    .into()
}

/// The line in the file that the error is about.
fn line(statement: &Statement, error: &PgDatabaseError) -> usize {
    let Some(PgErrorPosition::Original(position)) = error.position() else {
        return statement.line;
    };
    let before = statement.text.chars().take(position.saturating_sub(1));
    statement.line + before.filter(|c| *c == '\n').count()
}

/// The first lines of a statement.
fn excerpt(statement: &str) -> String {
    let short = |line: &str| line.chars().take(120).collect();
    let mut lines: Vec<String> = statement.lines().take(4).map(short).collect();
    if statement.lines().count() > lines.len() {
        lines.push("…".to_owned());
    }
    lines.join("\n")
}
