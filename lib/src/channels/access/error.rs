//! What every call to Google needs, and why there is no access token: as a step's outcome and as a problem.

use std::time::Duration;

use crate::channels::Disconnection;
use crate::pipeline::{Outcome, StepError};
use clients::google_oauth;
use platform::config::Config;
use platform::db::DbError;
use platform::endpoint::{Kind, Problem};
use platform::sealing::{KeyRing, SecretError};

/// Google's configuration and our encryption keys: without both no channel can be connected.
pub(crate) fn google(
    config: &'static Config,
) -> Result<(&'static google_oauth::Settings, &'static KeyRing), AccessError> {
    let google = config
        .google
        .as_ref()
        .ok_or(AccessError::NotConfigured("GOOGLE_CLIENT_ID"))?;
    let keys = platform::keys::ring(config)
        .ok_or(AccessError::NotConfigured("TOKEN_ENCRYPTION_KEYS"))?
        .as_ref()
        .map_err(Clone::clone)?;
    Ok((google, keys))
}

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

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let (kind, detail) = match error {
            AccessError::Db(error) => return error.into(),
            AccessError::Secret(_) => return Self::internal(error),
            AccessError::Disconnected(_) => (
                Kind::ChannelDisconnected,
                "Google no longer accepts the channel's permission. Connect the channel again.",
            ),
            AccessError::NotConfigured(_) => (
                Kind::NotConfigured,
                "This deployment has no Google OAuth client. Its operator sets GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and TOKEN_ENCRYPTION_KEYS.",
            ),
            AccessError::Google(ref google) if google.is_transient() => (
                Kind::UpstreamUnavailable,
                "Google does not answer right now. Try again shortly.",
            ),
            AccessError::Google(_) => (Kind::UpstreamFailed, "Google gave no usable answer."),
            AccessError::Busy => (
                Kind::UpstreamUnavailable,
                "The channel's access is being renewed. Try again shortly.",
            ),
        };
        let busy = matches!(error, AccessError::Busy);
        let problem = Self::new(kind).detail(detail).source(error);
        if busy {
            return problem.retry_after(Duration::from_secs(5));
        }
        problem
    }
}
