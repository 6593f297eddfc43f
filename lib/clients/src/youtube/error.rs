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

fn classify_body(status: u16, body: &Value) -> ApiError {
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
mod tests {
    use http::{HeaderMap, StatusCode};
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
            attempts: 1,
        }
    }

    fn kind(status: u16, body: &str) -> ErrorKind {
        classify(&answer(status, body)).unwrap().kind
    }

    fn reason(status: u16, reason: &str) -> ErrorKind {
        kind(
            status,
            &format!(
                r#"{{"error":{{"code":{status},"message":"m","errors":[{{"message":"m","domain":"global","reason":"{reason}"}}]}}}}"#
            ),
        )
    }

    #[test]
    fn each_known_body_has_its_meaning() {
        let channel_limit = r#"{"error":{"code":400,"message":"The user has exceeded the number of videos they may upload.",
            "errors":[{"message":"The user has exceeded the number of videos they may upload.","domain":"youtube.video","reason":"uploadLimitExceeded"}]}}"#;
        assert_eq!(kind(400, channel_limit), ErrorKind::UploadLimit);

        let bucket = r#"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service 'youtube.googleapis.com' for consumer 'project_number:123456789012'.",
            "errors":[{"message":"same","domain":"global","reason":"rateLimitExceeded"}],"status":"RESOURCE_EXHAUSTED",
            "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"}]}}"#;
        let error = classify(&answer(429, bucket)).unwrap();
        assert_eq!(error.kind, ErrorKind::DailyQuota);
        assert_eq!(error.metric.as_deref(), Some("Video Uploads"));
        assert!(!error.to_string().contains("123456789012"));

        let minute = r#"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'youtube.googleapis.com'.",
            "errors":[{"message":"same","domain":"global","reason":"rateLimitExceeded"}],"status":"RESOURCE_EXHAUSTED"}}"#;
        assert_eq!(kind(429, minute), ErrorKind::RateLimited);

        let pool = r#"{"error":{"code":403,"message":"The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.",
            "errors":[{"message":"same","domain":"youtube.quota","reason":"quotaExceeded"}]}}"#;
        assert_eq!(kind(403, pool), ErrorKind::DailyQuota);

        let no_channel = r#"{"error":{"errors":[{"domain":"youtube.header","reason":"youtubeSignupRequired","message":"Unauthorized","locationType":"header","location":"Authorization"}],"code":401,"message":"Unauthorized"}}"#;
        assert_eq!(kind(401, no_channel), ErrorKind::NoChannel);

        let expired = r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.",
            "errors":[{"message":"Invalid Credentials","domain":"global","reason":"authError","location":"Authorization","locationType":"header"}],"status":"UNAUTHENTICATED"}}"#;
        assert_eq!(kind(401, expired), ErrorKind::Unauthorized);

        let scope = r#"{"error":{"code":403,"message":"Request had insufficient authentication scopes.","status":"PERMISSION_DENIED",
            "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
        assert_eq!(kind(403, scope), ErrorKind::ScopeMissing);

        let playlist = r#"{"error":{"code":404,"message":"The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
            "errors":[{"message":"…","domain":"youtube.playlistItem","reason":"playlistNotFound","location":"playlistId","locationType":"parameter"}]}}"#;
        assert_eq!(kind(404, playlist), ErrorKind::NotFound);
    }

    #[test]
    fn each_reason_has_its_kind() {
        for (status, name, expected) in [
            (403, "insufficientPermissions", ErrorKind::ScopeMissing),
            (403, "dailyLimitExceeded", ErrorKind::DailyQuota),
            (403, "rateLimitExceeded", ErrorKind::RateLimited),
            (403, "userRateLimitExceeded", ErrorKind::RateLimited),
            (429, "uploadRateLimitExceeded", ErrorKind::ThumbnailLimit),
            (
                403,
                "authenticatedUserAccountClosed",
                ErrorKind::AccountBroken,
            ),
            (
                403,
                "authenticatedUserAccountSuspended",
                ErrorKind::AccountBroken,
            ),
            (403, "authenticatedUserNotChannel", ErrorKind::AccountBroken),
            (403, "forbidden", ErrorKind::Forbidden),
            (403, "forbiddenPrivacySetting", ErrorKind::Forbidden),
            (400, "invalidTitle", ErrorKind::Invalid),
            (400, "invalidPageToken", ErrorKind::InvalidPageToken),
            (400, "aReasonOfNextYear", ErrorKind::Invalid),
            (404, "videoNotFound", ErrorKind::NotFound),
            (500, "internalError", ErrorKind::Unavailable),
            (503, "backendError", ErrorKind::Unavailable),
        ] {
            assert_eq!(reason(status, name), expected, "{name}");
        }
    }

    #[test]
    fn odd_bodies_are_judged_by_their_status() {
        for (status, body, expected) in [
            (401, "", ErrorKind::Unauthorized),
            (403, "<html>Forbidden</html>", ErrorKind::Forbidden),
            (404, "Not Found", ErrorKind::NotFound),
            (410, "", ErrorKind::NotFound),
            (429, "null", ErrorKind::RateLimited),
            (500, "{\"error\":", ErrorKind::Unavailable),
            (502, "[]", ErrorKind::Unavailable),
            (599, "", ErrorKind::Unavailable),
            (418, "{}", ErrorKind::Invalid),
            (301, "", ErrorKind::Invalid),
            (400, r#"{"error":"invalid_grant"}"#, ErrorKind::Unauthorized),
            (
                503,
                r#"{"error":"internal_failure"}"#,
                ErrorKind::Unavailable,
            ),
        ] {
            assert_eq!(kind(status, body), expected, "{status} {body}");
        }
        assert_eq!(classify(&answer(502, "[]")).unwrap().reason, "http_502");
        assert!(classify(&answer(204, "")).is_none());
        assert!(classify(&answer(308, "")).is_none());
    }

    #[test]
    fn a_day_that_is_used_up_is_never_asked_again() {
        assert!(is_transient(&answer(503, "")));
        assert!(!is_transient(&answer(
            429,
            r#"{"error":{"message":"limit 'Queries per day'","errors":[{"reason":"rateLimitExceeded"}]}}"#
        )));
        assert!(!is_transient(&answer(200, "")));
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_classifier(status in 200_u16..600, body in "\\PC*") {
            let _ = classify(&answer(status, &body));
        }

        #[test]
        fn a_reason_never_carries_free_text(status in 400_u16..600, text in "\\PC*") {
            let body = serde_json::json!({"error": {"errors": [{"reason": text}]}}).to_string();
            let error = classify(&answer(status, &body)).unwrap();
            prop_assert!(error.reason.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        }
    }
}
