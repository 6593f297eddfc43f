//! What can go wrong at a prompt, always with a sentence that says what to do.

use std::io;

use crate::backup::error::BackupError;
use crate::migrate::error::MigrateError;

/// An error shown to the person who ran a command.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system or a process refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The database refused, or could not be reached.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done.
        doing: String,
        /// What the database said.
        source: sqlx::Error,
    },
    /// Something is missing or in the way.
    #[error("{problem}\n  {cure}")]
    Setup {
        /// What is wrong.
        problem: String,
        /// What puts it right.
        cure: String,
    },
    /// A migration was refused.
    #[error(transparent)]
    Migrate(#[from] Box<MigrateError>),
    /// A backup cannot be taken, trusted or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

impl Error {
    /// An error of the file system, with what was being done.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    /// An error of the database, with what was being done.
    pub fn database(doing: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Database { doing, source }
    }

    /// Something that the person at the prompt can put right.
    pub fn setup(problem: impl Into<String>, cure: impl Into<String>) -> Self {
        let (problem, cure) = (problem.into(), cure.into());
        Self::Setup { problem, cure }
    }
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        Self::Migrate(Box::new(error))
    }
}

/// Nothing, or why not.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;
