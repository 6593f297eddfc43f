//! A statement that the database refused, and where it stands in its file.

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use super::{
    error::{FailedStatement, MigrateError},
    files::Migration,
    statements::Statement,
};
use crate::error::Error;

/// What the database said of a statement, with the statement's place.
pub(super) fn failed_statement(
    migration: &Migration,
    statement: &Statement,
    error: sqlx::Error,
) -> Error {
    let Some(database) = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
    else {
        return Error::database(format!("{}:{}", migration.file, statement.line))(error);
    };
    let more = [
        ("detail", database.detail()),
        ("hint", database.hint()),
        ("in", database.r#where()),
    ];
    MigrateError::Statement(Box::new(FailedStatement {
        file: migration.file.clone(),
        line: line(statement, database),
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

/// The line in the file that the error is about.
fn line(statement: &Statement, error: &PgDatabaseError) -> usize {
    let Some(PgErrorPosition::Original(position)) = error.position() else {
        return statement.line;
    };
    let before = statement.text.chars().take(position.saturating_sub(1));
    statement.line + before.filter(|c| *c == '\n').count()
}

/// The first lines of a statement.
pub(super) fn excerpt(statement: &str) -> String {
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
