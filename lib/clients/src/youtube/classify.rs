//! What YouTube's error bodies mean.

use super::error::{ApiError, ErrorKind};
use crate::transport::Answer;
use serde_json::Value;

/// Whether the transport should ask again: a refusal that passes by itself. Never an exhausted day.
#[must_use]
pub fn is_transient(answer: &Answer) -> bool {
    classify(answer).is_some_and(|error| error.kind.is_transient())
}

/// Reads a refusal out of an answer; `None` for a success (2xx), a 304 and the 308 of an upload in progress.
#[must_use]
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

pub(super) fn by_reason(reason: &str) -> Option<ErrorKind> {
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

pub(super) const fn by_status(status: u16) -> ErrorKind {
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
pub(super) fn quota_metric(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("quota metric '")?;
    let (metric, _) = rest.split_once('\'')?;
    (metric.len() <= 64).then(|| metric.to_owned())
}

/// A reason is an identifier; whatever else stands in its place may be anything and is not repeated.
pub(super) fn slug(reason: &str, status: u16) -> String {
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
