//! Why a backup cannot be taken, trusted or restored. Whatever is said here, the target was not touched.

/// What is wrong with a backup, or with the place it is to go to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A key is not one of age's.
    #[error(
        "{what} is not an age key\n  `catalyst backup keygen` makes a pair: AGE-SECRET-KEY-1… decrypts, age1… encrypts"
    )]
    Key {
        /// Which one.
        what: String,
    },
    /// None of the identities opens the archive.
    #[error(
        "none of the given identities opens this archive\n  give the identity whose recipient the backup was encrypted for; older backups need the older one"
    )]
    NotForUs,
    /// The archive was changed or cut off.
    #[error(
        "the archive is damaged: {what}\n  take another backup: `catalyst backup list` names them; nothing was restored"
    )]
    Damaged {
        /// Where it showed.
        what: String,
    },
    /// The manifest was changed or cut off.
    #[error(
        "the manifest {name} is damaged: {what}\n  take another backup: `catalyst backup list` names them; nothing was restored"
    )]
    Manifest {
        /// Which one.
        name: String,
        /// What does not fit.
        what: String,
    },
    /// It is not a manifest of ours, or that of another backup.
    #[error("{name} does not belong here: {what}\n  nothing was restored")]
    Foreign {
        /// Which file.
        name: String,
        /// Why.
        what: String,
    },
    /// There is no such backup, or none at all.
    #[error("{what}\n  `catalyst backup list` names the backups of a store")]
    Missing {
        /// What was looked for.
        what: String,
    },
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
    /// The migrations of the checkout are not those that the backup was taken under.
    #[error(
        "{file} is not the migration that the backup was taken under\n  check out the version that was deployed then; nothing was restored"
    )]
    OtherMigrations {
        /// Which file.
        file: String,
    },
    /// The target holds something.
    #[error(
        "the target is not empty: {what}\n  a backup is restored into a new project only; what is there was not touched"
    )]
    NotEmpty {
        /// What was found.
        what: String,
    },
    /// The target lacks something that the backup needs.
    #[error("the target cannot take this backup: {what}\n  nothing was restored")]
    Unfit {
        /// What is missing.
        what: String,
    },
    /// The restored data is not the data that was backed up.
    #[error("what was restored is not what was backed up:\n  {}\n  it was rolled back", .0.join("\n  "))]
    Differs(Vec<String>),
    /// The store refused.
    #[error("the store of backups: {0}")]
    Store(String),
}

impl BackupError {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    /// As an error of a reader.
    pub(super) fn into_io(self) -> std::io::Error {
        std::io::Error::new(std::io::ErrorKind::InvalidData, self)
    }

    /// The fault that a reader's error carries, or the reader's own words.
    pub(super) fn of(error: std::io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(fault) => fault,
            Err(error) => Self::damaged(error.to_string()),
        }
    }

    /// A reader's error, which says of a missing end that it is one.
    pub(super) fn end_missing(error: std::io::Error) -> std::io::Error {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            Self::damaged("its end is missing").into_io()
        } else {
            error
        }
    }
}
