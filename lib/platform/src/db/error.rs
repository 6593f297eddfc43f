//! How a read or a function call can fail, and which problem that is for the client.

use crate::problem::{Kind, Problem};
use postgrest::{ApiError, Error, ErrorKind};

/// A database call that gave no answer to work with.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A function refused: the slug of a problem kind, a sentence for the user, a JSON pointer.
    #[error("refused with {code}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Slug of a [`Kind`].
        code: String,
        /// Sentence for the user.
        detail: String,
        /// JSON pointer to the field, when there is one.
        pointer: Option<String>,
    },
    /// Row level security shows no such row.
    #[error("no such row")]
    NotFound,
    /// A named constraint refused the change.
    #[error("constraint {0}")]
    Constraint(String),
    /// The database does not accept the token.
    #[error("token refused")]
    Unauthenticated,
    /// Not reachable, overloaded or too slow; trying again later may help.
    #[error("database unavailable")]
    Unavailable(#[source] Error),
    /// A defect of ours.
    #[error("unexpected database error")]
    Unexpected(#[source] Error),
}

impl DbError {
    /// Whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether the database ended the call because it took too long (SQLSTATE 57014). Nothing of it has remained.
    pub fn is_cut(&self) -> bool {
        matches!(self, Self::Unavailable(Error::Api(api)) if api.code == "57014")
    }

    /// Whether a function refused with this code.
    pub fn is_refusal(&self, slug: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == slug)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        match error {
            Error::Api(api) => from_api(api),
            Error::Transport(_) => Self::Unavailable(error),
            // No JSON at all: whoever answered was not the Data API.
            Error::Decode(ref cause) if !cause.is_data() => Self::Unavailable(error),
            Error::Decode(_) | Error::Encode(_) => Self::Unexpected(error),
        }
    }
}

fn from_api(api: Box<ApiError>) -> DbError {
    match api.kind() {
        ErrorKind::Refused(status) => DbError::Refused {
            status,
            code: api.message,
            detail: api.details.unwrap_or_default(),
            pointer: api.hint.filter(|hint| hint.starts_with('/')),
        },
        ErrorKind::Unauthenticated => DbError::Unauthenticated,
        ErrorKind::Unavailable | ErrorKind::Conflict => DbError::Unavailable(Error::Api(api)),
        ErrorKind::Constraint => match api.constraint() {
            Some(name) => DbError::Constraint(name.to_owned()),
            None => DbError::Unexpected(Error::Api(api)),
        },
        ErrorKind::Unexpected => DbError::Unexpected(Error::Api(api)),
    }
}

/// Constraints that a request can run into although the functions check first, and what the answer says.
const CONSTRAINTS: &[(&str, Kind, &str)] = &[
    (
        "channels_youtube_channel_id_key",
        Kind::ChannelTaken,
        "This YouTube channel is connected by another account. Ask its owner to invite you.",
    ),
    (
        "users_display_name_check",
        Kind::InvalidBody,
        "display_name must have 1 to 80 characters.",
    ),
    (
        "channels_minimum_gap_minutes_check",
        Kind::InvalidBody,
        "minimum_gap_minutes must lie between 0 and 10080.",
    ),
];

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Refused {
                code,
                detail,
                pointer,
                ..
            } => match Kind::from_code(&code) {
                Some(kind) => {
                    let problem = Self::new(kind).detail(detail.clone());
                    match pointer {
                        Some(pointer) => problem.pointer(pointer, detail),
                        None => problem,
                    }
                }
                None => Self::new(Kind::Internal).source(UnknownRefusal(code)),
            },
            DbError::NotFound => Self::not_found(),
            DbError::Constraint(ref name) => {
                match CONSTRAINTS.iter().find(|(known, ..)| known == name) {
                    Some((_, kind, detail)) => Self::new(*kind).detail(*detail),
                    None => Self::new(Kind::Internal).source(error),
                }
            }
            DbError::Unauthenticated => Self::new(Kind::TokenInvalid)
                .detail("The database does not accept this access token. Sign in again."),
            DbError::Unavailable(_) => Self::new(Kind::DatabaseUnavailable).source(error),
            DbError::Unexpected(_) => Self::new(Kind::Internal).source(error),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a function refused with a code that no problem kind has: {0}")]
struct UnknownRefusal(String);
