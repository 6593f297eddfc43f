//! Applying what is pending.

use std::path::Path;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{
    error::MigrateError,
    failure::{excerpt, failed_statement},
    files::{Migration, read},
    history::{self, Applied},
    session::{connect, lock},
    statements::{Statement, statements},
    status::refuse_disagreement,
};
use crate::error::{Error, Result};

/// Applies what is pending, in order, and says which files those were. Two calls at the same moment apply each file once.
pub async fn up(
    login: &PgConnectOptions,
    folder: &Path,
    mut on_applied: impl FnMut(&Migration),
) -> Result<Vec<Migration>> {
    let migrations = read(folder)?;
    let mut connection = connect(login).await?;
    lock(&mut connection).await?;
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
    let (mut adopt, mut pending) = (Vec::new(), Vec::new());
    for migration in migrations {
        match applied.get(&migration.version) {
            None => pending.push(migration),
            Some(Applied { checksum: None, .. }) => adopt.push(migration),
            Some(_) => {}
        }
    }
    for migration in adopt {
        history::keep_checksum(connection, &migration).await?;
    }
    for migration in &pending {
        apply_one(connection, migration).await?;
        on_applied(migration);
    }
    if !pending.is_empty() {
        sqlx::raw_sql("notify pgrst, 'reload schema'")
            .execute(&mut *connection)
            .await
            .map_err(Error::database("cannot notify the Data API"))?;
    }
    Ok(pending)
}

async fn apply_one(connection: &mut PgConnection, migration: &Migration) -> Result {
    let failed = || Error::database(format!("cannot apply {}", migration.file));
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
        if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.text.as_str()))
            .execute(&mut *transaction)
            .await
        {
            drop(transaction.rollback().await);
            return Err(failed_statement(migration, statement, error));
        }
    }
    let texts = statements.iter().map(|one| one.text.as_str()).collect();
    history::record(&mut transaction, migration, texts).await?;
    transaction.commit().await.map_err(failed())?;
    // What a file set for its session must not reach the next one.
    sqlx::raw_sql("set search_path to default; set statement_timeout = 0")
        .execute(connection)
        .await
        .map(drop)
        .map_err(failed())
}

/// Whether a statement begins or ends a transaction.
fn changes_transaction(statement: &Statement) -> bool {
    let mut words = statement
        .text
        .split(|c: char| !c.is_ascii_alphabetic())
        .map(str::to_ascii_lowercase);
    match words.next().unwrap_or_default().as_str() {
        "begin" | "commit" | "rollback" | "abort" | "end" => true,
        "start" | "prepare" => words.next().as_deref() == Some("transaction"),
        _ => false,
    }
}
