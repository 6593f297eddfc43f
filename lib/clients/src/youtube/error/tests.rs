use http::{HeaderMap, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::transport::Answer;
use crate::youtube::{classify, is_transient};

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
fn case_y05_each_known_body_has_its_meaning() {
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

    // The same under another status, as older projects have it.
    assert_eq!(reason(403, "dailyLimitExceeded"), ErrorKind::DailyQuota);

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
