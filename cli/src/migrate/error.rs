//! Why migrations were refused.

use std::fmt;

/// Why the migrations were refused. Nothing is half done: what is applied is applied whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// A file's name is not `<14 digits>_<name>.sql`.
    #[error(
        "{0} is not named like a migration\n  name it <14 digits>_<lower_case_name>.sql, for example 20261122000100_initial_schema.sql"
    )]
    Name(String),
    /// Two files carry the same version.
    #[error("{0} and {1} have the same version\n  give the newer one a later timestamp")]
    Twice(String, String),
    /// A file was edited after it had been applied.
    #[error(
        "{file} has changed since it was applied (sha256 {applied} then, {found} now)\n  \
         put the file back as it was and write a new migration; on a local stack `catalyst-dev reset` applies all of them afresh"
    )]
    Changed {
        /// The file.
        file: String,
        /// The checksum when it was applied.
        applied: String,
        /// The checksum now.
        found: String,
    },
    /// The history names a migration that has no file.
    #[error(
        "migration {version}_{name} is applied, but its file is missing\n  \
         bring the file back (is this checkout older than the database?); migrations are never deleted"
    )]
    Missing {
        /// Its version.
        version: String,
        /// Its name.
        name: String,
    },
    /// A file is older than the newest one applied.
    #[error(
        "{file} is not applied, but the newer {newest} is\n  \
         rename the file to a timestamp after {newest}, so that every database takes the files in one order"
    )]
    Gap {
        /// The file.
        file: String,
        /// The newest applied version.
        newest: String,
    },
    /// A file ends or opens a transaction itself.
    #[error(
        "{file}:{line}: `{statement}` would break the file's single transaction\n  remove it: each file is one transaction already"
    )]
    Transaction {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// The statement.
        statement: String,
    },
    /// The database refused a statement.
    #[error("{0}")]
    Statement(Box<FailedStatement>),
}

/// A statement that the database refused. Its file was rolled back whole.
#[derive(Debug)]
pub struct FailedStatement {
    /// The file.
    pub file: String,
    /// The line in the file.
    pub line: usize,
    /// How the statement begins.
    pub statement: String,
    /// The SQLSTATE.
    pub code: String,
    /// What the database said.
    pub message: String,
    /// Its detail and hint.
    pub more: Vec<String>,
}

impl fmt::Display for FailedStatement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            message,
            code,
            ..
        } = self;
        writeln!(out, "{file}:{line}: {message} (SQLSTATE {code})")?;
        for line in &self.more {
            writeln!(out, "  {line}")?;
        }
        for line in self.statement.lines() {
            writeln!(out, "  | {line}")?;
        }
        out.write_str(
            "  the file was rolled back whole: correct it and run `catalyst migrate up` again",
        )
    }
}
