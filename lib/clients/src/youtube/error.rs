//! What YouTube's refusals mean, for reads, reports and uploads alike.
//!
//! The order of the classifier matters: an exhausted daily bucket answers 429 with the same reason as "slow down", and
//! only its message tells them apart. Bodies may be empty, HTML or cut: classification never fails.

use crate::transport::{DecodeError, TransportError};
use std::time::Duration;

/// Why a call to YouTube gave no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A success whose body is not what the API promises.
    #[error("YouTube's answer could not be read: {0}")]
    Decode(#[from] DecodeError),
    /// YouTube refused.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl Error {
    /// The refusal's kind, if YouTube answered at all.
    #[must_use]
    pub const fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Api(error) => Some(error.kind),
            Self::Transport(_) | Self::Decode(_) => None,
        }
    }

    /// Whether the same call may succeed a little later without anyone doing anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Decode(_) => false,
            Self::Api(error) => error.kind.is_transient(),
        }
    }

    /// How long YouTube asks to wait, if it said so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after,
            Self::Transport(_) | Self::Decode(_) => None,
        }
    }

    /// A short name for logs and stored errors; holds nothing of the body but YouTube's reason.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Transport(error) => error.kind(),
            Self::Decode(_) => "unexpected_answer",
            Self::Api(error) => &error.reason,
        }
    }
}

/// A refusal. It keeps YouTube's reason, never its message: messages quote projects and user data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("YouTube refused: {reason} (HTTP {status})")]
pub struct ApiError {
    /// What it means for us.
    pub kind: ErrorKind,
    /// HTTP status.
    pub status: u16,
    /// YouTube's own reason, or the status when there was none.
    pub reason: String,
    /// The exhausted quota metric, as far as the message names one: `Video Uploads`, `Queries`.
    pub metric: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// What a refusal asks of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The access token is not accepted: refresh once and try again once.
    Unauthorized,
    /// The Google account has no YouTube channel. Not a dead grant.
    NoChannel,
    /// The user did not grant the scope: only a new consent helps.
    ScopeMissing,
    /// A bucket of the project is empty until midnight in Los Angeles.
    DailyQuota,
    /// Too fast: wait a little.
    RateLimited,
    /// The channel's own limit of uploads in 24 hours.
    UploadLimit,
    /// The channel's own limit of thumbnails: wait for hours.
    ThumbnailLimit,
    /// The account is closed, suspended or not a channel any more.
    AccountBroken,
    /// Not permitted for this channel or account.
    Forbidden,
    /// There is no such object, or it is not visible.
    NotFound,
    /// The page token is no longer valid: start the list again.
    InvalidPageToken,
    /// The request itself is wrong: its data must be changed.
    Invalid,
    /// YouTube is not well: try again later.
    Unavailable,
}

impl ErrorKind {
    /// Whether the same call may succeed a little later without anyone doing anything.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable)
    }
}

#[cfg(test)]
mod tests;
