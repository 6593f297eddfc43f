//! Why a generation has no output.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::{error, warn};
use utoipa::ToSchema;

use clients::gemini::Error;

/// Why there is no output, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// A stable name.
    pub code: FailureCode,
    /// What happened and what to do.
    pub message: String,
    /// Whether generating again may succeed without any change.
    pub retryable: bool,
    /// When to try again, at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// The model's own term for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was wrong with the last answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// The states in which a generation can end without output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The model's filter refused the request.
    PromptBlocked,
    /// The model's filter refused what was being written.
    OutputBlocked,
    /// The model repeated a source too closely.
    Recitation,
    /// The answer reached its limit before its end.
    Truncated,
    /// There was nothing in the answer.
    Empty,
    /// The answer, put right once, still broke the form or the limits.
    Malformed,
    /// The answer, put right once, still touched a banned topic.
    BannedTopic,
    /// The model stopped for a reason of its own.
    Stopped,
    /// The model's service takes no more requests for now.
    RateLimited,
    /// The deployment's allowance at the model's service is used up.
    ProviderQuotaExhausted,
    /// The model's service is in trouble or cannot be reached.
    ProviderUnavailable,
    /// The model's service refuses the deployment's key, model or request.
    ProviderRefused,
    /// The connection broke while the answer came.
    ConnectionLost,
    /// No answer in time.
    TimedOut,
    /// The process ended before the answer was stored.
    Interrupted,
}

impl Failure {
    pub(super) fn new(code: FailureCode, retryable: bool, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retryable,
            retry_at: None,
            reason: None,
            rules: Vec::new(),
        }
    }

    /// The process ended before anything else came of it.
    pub(super) fn interrupted() -> Self {
        let message = "The work was interrupted. Generate again.";
        Self::new(FailureCode::Interrupted, true, message)
    }

    /// The model gave no answer.
    pub(super) fn unanswered(cause: &Error) -> Self {
        warn!(error = %cause, "the model gave no answer");
        let (code, retryable, message) = explain(cause);
        if code == FailureCode::ProviderRefused {
            error!(error = %cause, "the model's service refuses this deployment");
        }
        let mut failure = Self::new(code, retryable, message);
        failure.retry_at = retry_at(cause);
        // The database watches for this word (`private.check_alerts`).
        failure.reason = matches!(cause, Error::UnknownModel).then(|| "unknown_model".to_owned());
        failure
    }
}

/// The code, whether generating again may succeed, and the message for the user.
fn explain(cause: &Error) -> (FailureCode, bool, String) {
    let shortly = |what| format!("The model's service {what}. Try again shortly.");
    let paid = |what| {
        format!(
            "{what} It may have been paid for, so the most it can have cost is counted. Generate again."
        )
    };
    match cause {
        Error::RateLimited { .. } => (
            FailureCode::RateLimited,
            true,
            shortly("takes no more requests for now"),
        ),
        Error::QuotaExhausted { until, .. } => {
            let message = "This deployment's allowance at the model's service is used up. Try again later, or ask its operator.";
            (
                FailureCode::ProviderQuotaExhausted,
                until.is_some(),
                message.to_owned(),
            )
        }
        Error::Unavailable { .. } => (
            FailureCode::ProviderUnavailable,
            true,
            shortly("is in trouble"),
        ),
        Error::NotReached(_) => (
            FailureCode::ProviderUnavailable,
            true,
            shortly("cannot be reached"),
        ),
        Error::TimedOut => (
            FailureCode::TimedOut,
            true,
            paid("The model did not answer in time."),
        ),
        Error::Cut { .. } | Error::Unreadable { .. } => (
            FailureCode::ConnectionLost,
            true,
            paid("The answer broke off on its way."),
        ),
        Error::UnknownModel => {
            let message = "The model that this deployment asks is unknown or retired. Its operator has to set GEMINI_MODEL to another.";
            (FailureCode::ProviderRefused, false, message.to_owned())
        }
        Error::KeyRefused { .. } | Error::NotAllowed { .. } | Error::Rejected { .. } => {
            let message = "The model's service refuses this deployment's key, model or request. Its operator has to mend that.";
            (FailureCode::ProviderRefused, false, message.to_owned())
        }
    }
}

/// When another request may succeed: when the service says so, else in half a minute where waiting helps.
fn retry_at(cause: &Error) -> Option<Timestamp> {
    let after = match cause {
        Error::QuotaExhausted { until, .. } => return *until,
        Error::RateLimited { after } | Error::Unavailable { after, .. } => *after,
        Error::NotReached(_) => None,
        _ => return None,
    };
    let after = SignedDuration::try_from(after.unwrap_or(Duration::from_secs(30))).ok()?;
    platform::clock::now().checked_add(after).ok()
}
