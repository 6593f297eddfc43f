//! Why there is no access token, as a step's outcome and as a problem.

use std::time::Duration;

use crate::channels::Disconnection;
use crate::pipeline::{Outcome, StepError};
use clients::google_oauth;
use platform::db::DbError;
use platform::endpoint::{Kind, Problem};
use platform::sealing::SecretError;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The grant is gone; only a new consent helps.
    #[error("the channel is disconnected ({0:?})")]
    Disconnected(Disconnection),
    /// This deployment has no OAuth client or no encryption keys.
    #[error("{0} is not configured")]
    NotConfigured(&'static str),
    /// The stored token cannot be opened.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Google could not be asked, or does not accept this deployment.
    #[error(transparent)]
    Google(#[from] google_oauth::Error),
    /// The database could not be asked.
    #[error("the database could not be asked")]
    Db(#[from] DbError),
    /// Another process holds the lease for too long.
    #[error("another refresh is still running")]
    Busy,
}

impl AccessError {
    /// Stable slug for steps and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Disconnected { .. } => "channel_disconnected",
            Self::NotConfigured(_) => "not_configured",
            Self::Secret(_) => "secret_unreadable",
            Self::Google(error) => error.code(),
            Self::Db(_) => "database_unavailable",
            Self::Busy => "refresh_busy",
        }
    }

    /// How a step ends that cannot go on without a token. What a disconnected channel means is for the caller to decide;
    /// here it discards the step.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let error = StepError::new(self.code(), self.to_string());
        match self {
            Self::Busy => Outcome::Snooze {
                after: Duration::from_secs(5),
                reason: "refresh_busy",
            },
            Self::Disconnected { .. } => Outcome::Discard { error },
            Self::NotConfigured(_) | Self::Secret(_) | Self::Google(_) | Self::Db(_) => {
                Outcome::Retry { after: None, error }
            }
        }
    }
}

/// The answer when the operator has not set Google up.
fn not_configured() -> Problem {
    Problem::new(Kind::NotConfigured).detail(
        "This deployment has no Google OAuth client. Its operator sets GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and TOKEN_ENCRYPTION_KEYS.",
    )
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Disconnected(_) => Self::new(Kind::ChannelDisconnected).detail(
                "Google no longer accepts the channel's permission. Connect the channel again.",
            ),
            AccessError::NotConfigured(_) => not_configured().source(error),
            AccessError::Google(ref google) if google.is_transient() => {
                Self::new(Kind::UpstreamUnavailable)
                    .detail("Google does not answer right now. Try again shortly.")
                    .source(error)
            }
            AccessError::Google(_) => Self::new(Kind::UpstreamFailed)
                .detail("Google gave no usable answer.")
                .source(error),
            AccessError::Secret(_) => Self::internal(error),
            AccessError::Db(error) => error.into(),
            AccessError::Busy => Self::new(Kind::UpstreamUnavailable)
                .detail("The channel's access is being renewed. Try again shortly.")
                .retry_after(Duration::from_secs(5))
                .source(error),
        }
    }
}
