//! What can go wrong, in the words that decide what to do next.

use std::time::Duration;

use jiff::Timestamp;

/// Why no answer was had from the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key is missing, wrong, restricted or suspended, or the API is not enabled for its project.
    #[error("the key was refused: {reason}")]
    KeyRefused {
        /// The service's word for it.
        reason: String,
    },
    /// The project may not use the service as it is: region or billing.
    #[error("the project may not use the service: {message}")]
    NotAllowed {
        /// What the service said, redacted.
        message: String,
    },
    /// The model is unknown or retired.
    #[error("the model is unknown or retired")]
    UnknownModel,
    /// The request was refused as it is; sending it again would be refused again.
    #[error("the request was refused with status {status}: {message}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// What the service said, redacted.
        message: String,
        /// The fields it complained about.
        fields: Vec<String>,
    },
    /// Too many requests for now.
    #[error("the rate limit was reached")]
    RateLimited {
        /// How long to wait, when the service said so.
        after: Option<Duration>,
    },
    /// An allowance is used up; waiting a little does not help.
    #[error("the allowance is used up ({quota})")]
    QuotaExhausted {
        /// Which one.
        quota: String,
        /// When it is given again, when that is known.
        until: Option<Timestamp>,
    },
    /// The service is in trouble (408, 499, 5xx).
    #[error("the service answered with status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long to wait, when the service said so.
        after: Option<Duration>,
    },
    /// No connection: nothing was sent.
    #[error("no connection to the service")]
    NotReached(#[source] Option<reqwest::Error>),
    /// No answer in time. It may have been generated and billed.
    #[error("the service did not answer in time")]
    TimedOut,
    /// The connection broke after the request was sent. It may have been generated and billed.
    #[error("the answer was cut off")]
    Cut {
        /// What had arrived.
        partial: String,
        /// The running total of tokens, when one had arrived.
        usage: Option<super::Usage>,
    },
    /// An answer that is not what the service documents.
    #[error("the answer could not be read at {path}")]
    Unreadable {
        /// Where in the answer.
        path: String,
    },
}

impl Error {
    /// Whether the call may have been billed although there is no answer.
    pub fn may_be_billed(&self) -> bool {
        matches!(
            self,
            Self::TimedOut | Self::Cut { .. } | Self::Unreadable { .. }
        )
    }

    /// How long to wait at least before the same request may be sent again, or `None` when it may not be: either because
    /// it would fail again, or because it may already have been billed. `attempt` counts from 1.
    pub(super) fn retry(&self, attempt: u32) -> Option<Duration> {
        match self {
            // The function that timed out upstream gets one more chance, as does a cancelled one.
            Self::Unavailable {
                status: 499 | 504, ..
            } if attempt > 1 => None,
            Self::Unavailable { after, .. } | Self::RateLimited { after } => {
                Some(after.unwrap_or_default())
            }
            Self::NotReached(_) => Some(Duration::ZERO),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
