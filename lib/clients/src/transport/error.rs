//! Why there is no answer.

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The request certainly did not leave: no connection, or it could not be built.
    #[error("{service} could not be reached")]
    NotSent {
        /// Service.
        service: &'static str,
        /// What went wrong, without the address.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// No answer in time; the service may have acted.
    #[error("{service} did not answer in time")]
    Timeout {
        /// Service.
        service: &'static str,
    },
    /// The connection broke after the request began; the service may have acted.
    #[error("the connection to {service} broke")]
    Reset {
        /// Service.
        service: &'static str,
        /// What went wrong, without the address.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The answer is larger than anything the service should send.
    #[error("{service} answered with more than {limit} bytes")]
    TooLarge {
        /// Service.
        service: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl TransportError {
    /// Whether the request may have reached the service, so that an effect there cannot be excluded.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::NotSent { .. })
    }

    /// A short name for traces and metrics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotSent { .. } => "not_sent",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::TooLarge { .. } => "too_large",
        }
    }

    pub(super) fn from_reqwest(service: &'static str, error: reqwest::Error) -> Self {
        // The address may hold a key or a session: it must not travel with the error.
        let error = error.without_url();
        if error.is_builder() || error.is_connect() {
            Self::NotSent {
                service,
                source: Some(error),
            }
        } else if error.is_timeout() {
            Self::Timeout { service }
        } else {
            Self::Reset {
                service,
                source: Some(error),
            }
        }
    }
}
