//! Why a backup cannot be taken, trusted or restored. Whatever is said here, the target was not touched.

use std::io;

/// What is wrong with a backup, or with the place it is to go to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A key is not one of age's.
    #[error(
        "{0} is not an age key\n  `catalyst backup keygen` makes a pair: AGE-SECRET-KEY-1… decrypts, age1… encrypts"
    )]
    Key(String),
    /// A key is not one that signs, or checks signatures.
    #[error(
        "{0} is none\n  `catalyst backup keygen --signing` makes a pair: catalyst-signing-key:… signs, RW… checks"
    )]
    SigningKey(String),
    /// The file of this name does not come from whoever makes the backups, or was changed since.
    #[error(
        "{0} is not trusted: {1}\n  nothing was restored. Whoever may write to the store can have put it there: find out who did, then restore one that \
         `catalyst backup list` shows as good, by its name; a key of your own belongs into BACKUP_SIGNERS or BACKUP_VERIFIERS"
    )]
    Untrusted(String, String),
    /// None of the identities opens the archive.
    #[error(
        "none of the given identities opens this archive\n  give the identity whose recipient the backup was encrypted for; older backups need the older one"
    )]
    NotForUs,
    /// The archive was changed or cut off.
    #[error(
        "the archive is damaged: {0}\n  take another backup: `catalyst backup list` names them; nothing was restored"
    )]
    Damaged(String),
    /// The manifest of this name was changed or cut off.
    #[error(
        "the manifest {0} is damaged: {1}\n  take another backup: `catalyst backup list` names them; nothing was restored"
    )]
    Manifest(String, String),
    /// The file of this name is not a manifest of ours, or that of another backup.
    #[error("{0} does not belong here: {1}\n  nothing was restored")]
    Foreign(String, String),
    /// There is no such backup, or none at all.
    #[error("{0}\n  `catalyst backup list` names the backups of a store")]
    Missing(String),
    /// The backup's schema is newer than this checkout.
    #[error(
        "the backup's schema is {backup}, and this checkout knows migrations up to {here}\n  check out the version that was deployed then, or a later one; nothing was restored"
    )]
    TooNew {
        /// The backup's version.
        backup: String,
        /// The checkout's.
        here: String,
    },
    /// The migration in this file of the checkout is not the one that the backup was taken under.
    #[error(
        "{0} is not the migration that the backup was taken under\n  check out the version that was deployed then; nothing was restored"
    )]
    OtherMigrations(String),
    /// The target holds something.
    #[error(
        "the target is not empty: it has {0}\n  a backup is restored into a new project only; what is there was not touched"
    )]
    NotEmpty(String),
    /// The target lacks something that the backup needs.
    #[error("the target cannot take this backup: {0}\n  nothing was restored")]
    Unfit(String),
    /// The restored data is not the data that was backed up.
    #[error("what was restored is not what was backed up:\n  {}\n  it was rolled back", .0.join("\n  "))]
    Differs(Vec<String>),
    /// The store refused.
    #[error("the store of backups: {0}")]
    Store(String),
}

impl BackupError {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    /// As an error of a reader.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, self)
    }

    /// The fault that a reader's error carries, or the reader's own words.
    pub(super) fn of(error: io::Error) -> Self {
        error
            .downcast()
            .unwrap_or_else(|error| Self::Damaged(error.to_string()))
    }

    /// A reader's error, which says of a missing end that it is one.
    pub(super) fn end_missing(error: io::Error) -> io::Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::damaged("its end is missing").into_io(),
            _ => error,
        }
    }
}
