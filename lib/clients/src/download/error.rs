//! Why a file could not be had.

use crate::guard::{Forbidden, resolver::refusal};

/// Why a file could not be had. No variant carries anything that the other side sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address breaks a rule.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The file is not there (any more), or not for us: expired links answer so.
    #[error("the file is no longer served (status {0})")]
    Gone(u16),
    /// The other side wants us to go elsewhere.
    #[error("the address redirects (status {0}), which is not followed")]
    Redirected(u16),
    /// An answer that makes no sense for a file.
    #[error("the file was answered with status {0}")]
    Refused(u16),
    /// Larger than the cap, or longer than was announced.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// Not an MP4.
    #[error("what is served there is not an MP4 video")]
    NotVideo,
    /// Not an image.
    #[error("what is served there is not an image")]
    NotImage,
    /// Another size or version than the one that was looked at before.
    #[error("the file has changed since it was first seen")]
    Changed,
    /// The body ended early.
    #[error("the file was cut short")]
    Truncated,
    /// A time cap was reached.
    #[error("the file's host took too long")]
    Timeout,
    /// The host could not be reached or has a fault of its own.
    #[error("the file's host is unavailable")]
    Unavailable,
}

impl FetchError {
    /// Whether the same call may go better later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Truncated | Self::Timeout | Self::Unavailable)
    }
}

pub(super) fn classify(error: &reqwest::Error) -> FetchError {
    match refusal(error) {
        Some(forbidden) => FetchError::Forbidden(forbidden),
        None if error.is_timeout() => FetchError::Timeout,
        None => FetchError::Unavailable,
    }
}
