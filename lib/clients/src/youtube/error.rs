//! What YouTube's refusals mean, for reads, reports and uploads alike.
//!
//! The order of the classifier matters: an exhausted daily bucket answers 429 with the same reason as "slow down", and
//! only its message tells them apart. Bodies may be empty, HTML or cut: classification never fails.

use std::time::Duration;

use serde_json::Value;

use crate::transport::{Answer, DecodeError, TransportError};

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
    pub const fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Api(error) => Some(error.kind),
            Self::Transport(_) | Self::Decode(_) => None,
        }
    }

    /// Whether the same call may succeed a little later without anyone doing anything.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Decode(_) => false,
            Self::Api(error) => error.kind.is_transient(),
        }
    }

    /// How long YouTube asks to wait, if it said so.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after,
            Self::Transport(_) | Self::Decode(_) => None,
        }
    }

    /// A short name for logs and stored errors; holds nothing of the body but YouTube's reason.
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
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable)
    }
}

/// Whether the transport should ask again: a refusal that passes by itself. Never an exhausted day.
pub fn is_transient(answer: &Answer) -> bool {
    classify(answer).is_some_and(|error| error.kind.is_transient())
}

/// Reads a refusal out of an answer; `None` for a success (2xx), a 304 and the 308 of an upload in progress.
pub fn classify(answer: &Answer) -> Option<ApiError> {
    let status = answer.status.as_u16();
    if answer.status.is_success() || matches!(status, 304 | 308) {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    Some(ApiError {
        retry_after: answer.retry_after(),
        ..classify_body(status, &body)
    })
}

pub(super) fn classify_body(status: u16, body: &Value) -> ApiError {
    let error = |kind, reason: &str| ApiError {
        kind,
        status,
        reason: slug(reason, status),
        metric: None,
        retry_after: None,
    };
    // An OAuth error has `error` as text: the token never reached YouTube's own checks.
    if let Some(oauth) = body.get("error").and_then(Value::as_str) {
        let kind = match (oauth, status) {
            ("temporarily_unavailable" | "server_error" | "internal_failure", _) | (_, 500..) => {
                ErrorKind::Unavailable
            }
            _ => ErrorKind::Unauthorized,
        };
        return error(kind, oauth);
    }
    let details = || {
        body.pointer("/error/details")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|detail| detail.get("reason")?.as_str())
    };
    let reason = body
        .pointer("/error/errors/0/reason")
        .and_then(Value::as_str)
        .or_else(|| details().next())
        .or_else(|| body.pointer("/error/status").and_then(Value::as_str))
        .unwrap_or_default();
    let message = body
        .pointer("/error/message")
        .and_then(Value::as_str)
        .unwrap_or_default();

    if matches!(status, 403 | 429)
        && (message.contains("per day") || message.contains("Daily Limit"))
    {
        return ApiError {
            metric: quota_metric(message),
            ..error(ErrorKind::DailyQuota, reason)
        };
    }
    if details().any(|detail| detail == "ACCESS_TOKEN_SCOPE_INSUFFICIENT") {
        return error(ErrorKind::ScopeMissing, reason);
    }
    error(
        by_reason(reason).unwrap_or_else(|| by_status(status)),
        reason,
    )
}

fn by_reason(reason: &str) -> Option<ErrorKind> {
    Some(match reason {
        "youtubeSignupRequired" => ErrorKind::NoChannel,
        "authError" | "authorizationRequired" | "expired" | "UNAUTHENTICATED" => {
            ErrorKind::Unauthorized
        }
        "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => ErrorKind::ScopeMissing,
        "quotaExceeded" | "dailyLimitExceeded" => ErrorKind::DailyQuota,
        "rateLimitExceeded"
        | "userRateLimitExceeded"
        | "RATE_LIMIT_EXCEEDED"
        | "RESOURCE_EXHAUSTED" => ErrorKind::RateLimited,
        "uploadLimitExceeded" => ErrorKind::UploadLimit,
        "uploadRateLimitExceeded" => ErrorKind::ThumbnailLimit,
        "authenticatedUserAccountClosed"
        | "authenticatedUserAccountSuspended"
        | "authenticatedUserNotChannel"
        | "accountDelegationForbidden"
        | "channelClosed"
        | "channelSuspended" => ErrorKind::AccountBroken,
        "playlistNotFound" | "videoNotFound" | "channelNotFound" | "notFound" => {
            ErrorKind::NotFound
        }
        "invalidPageToken" => ErrorKind::InvalidPageToken,
        "internalError" | "backendError" | "INTERNAL" | "UNAVAILABLE" => ErrorKind::Unavailable,
        _ => return None,
    })
}

const fn by_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::NotFound,
        408 => ErrorKind::Unavailable,
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Invalid,
    }
}

/// The metric named in `Quota exceeded for quota metric 'Video Uploads' and limit …`.
fn quota_metric(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("quota metric '")?;
    let (metric, _) = rest.split_once('\'')?;
    (metric.len() <= 64).then(|| metric.to_owned())
}

/// A reason is an identifier; whatever else stands in its place may be anything and is not repeated.
fn slug(reason: &str, status: u16) -> String {
    let sound = !reason.is_empty()
        && reason.len() <= 64
        && reason
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if sound {
        reason.to_owned()
    } else {
        format!("http_{status}")
    }
}

#[cfg(test)]
mod tests;
