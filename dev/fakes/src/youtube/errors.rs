//! The bodies in which YouTube refuses.

use serde_json::json;

use crate::failure::Failure;

/// A refusal with one error in the usual shape.
pub(super) fn failure(status: u16, domain: &str, reason: &str, message: &str) -> Failure {
    let error = json!({"message": message, "domain": domain, "reason": reason});
    Failure::new(
        status,
        json!({"error": {"code": status, "message": message, "errors": [error]}}),
    )
}

/// A refusal that says where in the request the fault lies.
fn located(mut failure: Failure, location: &str, kind: &str) -> Failure {
    failure.body["error"]["errors"][0]["location"] = json!(location);
    failure.body["error"]["errors"][0]["locationType"] = json!(kind);
    failure
}

/// A refusal about one parameter.
fn parameter(status: u16, domain: &str, reason: &str, message: &str, name: &str) -> Failure {
    located(failure(status, domain, reason, message), name, "parameter")
}

/// A refusal about how parameters go together.
fn parameters(domain: &str, reason: &str, message: &str) -> Failure {
    located(
        failure(400, domain, reason, message),
        "parameters.",
        "other",
    )
}

/// A refusal with one of the status words of newer APIs.
pub(super) fn with_status(mut failure: Failure, status: &str) -> Failure {
    failure.body["error"]["status"] = json!(status);
    failure
}

pub(super) fn unauthenticated() -> Failure {
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
                   authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    let mut failure = failure(401, "global", "authError", "Invalid Credentials");
    failure.body["error"]["message"] = json!(message);
    with_status(
        located(failure, "Authorization", "header"),
        "UNAUTHENTICATED",
    )
}

pub(super) fn insufficient_permissions() -> Failure {
    let mut failure = failure(
        403,
        "global",
        "insufficientPermissions",
        "Insufficient Permission",
    );
    failure.body["error"]["message"] = json!("Request had insufficient authentication scopes.");
    failure.body["error"]["details"] = json!([{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com",
        "metadata": {"service": "youtube.googleapis.com"},
    }]);
    with_status(failure, "PERMISSION_DENIED")
}

pub(super) fn forbidden() -> Failure {
    with_status(
        failure(403, "global", "forbidden", "Forbidden"),
        "PERMISSION_DENIED",
    )
}

pub(super) fn signup_required() -> Failure {
    let failure = failure(
        401,
        "youtube.header",
        "youtubeSignupRequired",
        "Unauthorized",
    );
    located(failure, "Authorization", "header")
}

/// An empty pool of units.
pub(super) fn units_exhausted(code: u16) -> Failure {
    if code == 429 {
        return per_day("Queries");
    }
    let message = "The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.";
    failure(403, "youtube.quota", "quotaExceeded", message)
}

fn exceeded(metric: &str, limit: &str) -> Failure {
    let message = format!(
        "Quota exceeded for quota metric '{metric}' and limit '{limit}' of service 'youtube.googleapis.com' for consumer 'project_number:123456789012'."
    );
    let mut failure = failure(429, "global", "rateLimitExceeded", &message);
    failure.body["error"]["details"] = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}]);
    with_status(failure, "RESOURCE_EXHAUSTED")
}

/// An empty bucket.
pub(super) fn per_day(metric: &str) -> Failure {
    exceeded(metric, &format!("{metric} per day"))
}

/// Too many calls in a minute.
pub(super) fn per_minute() -> Failure {
    exceeded("Queries", "Queries per minute per user")
}

pub(super) fn upload_limit() -> Failure {
    let message = "The user has exceeded the number of videos they may upload.";
    bad_metadata("uploadLimitExceeded", message)
}

pub(super) fn bad_metadata(reason: &str, message: &str) -> Failure {
    failure(400, "youtube.video", reason, message)
}

pub(super) fn thumbnail_throttled() -> Failure {
    let message = "The channel has uploaded too many thumbnails recently. Please try the request again later.";
    failure(429, "youtube.thumbnail", "uploadRateLimitExceeded", message)
}

pub(super) fn invalid_image() -> Failure {
    let message = "The provided image content is invalid.";
    failure(400, "youtube.thumbnail", "invalidImage", message)
}

pub(super) fn playlist_not_found() -> Failure {
    let message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.";
    parameter(
        404,
        "youtube.playlistItem",
        "playlistNotFound",
        message,
        "playlistId",
    )
}

pub(super) fn video_not_found() -> Failure {
    let message = "The video that you are trying to access cannot be found. Check the value of the <code>id</code> parameter.";
    parameter(404, "youtube.video", "videoNotFound", message, "id")
}

pub(super) fn invalid_page_token() -> Failure {
    let message = "The request specifies an invalid page token.";
    parameter(
        400,
        "youtube.parameter",
        "invalidPageToken",
        message,
        "pageToken",
    )
}

pub(super) fn invalid_filters() -> Failure {
    let message = "The request specifies an invalid filter parameter.";
    parameters("youtube.parameter", "invalidFilters", message)
}

pub(super) fn invalid_criteria() -> Failure {
    let message = "A maximum of one of the following filters may be specified: id, mine, managedByMe, forHandle, forUsername.";
    parameters("youtube.channel", "invalidCriteria", message)
}

pub(super) fn missing_parameter(name: &str) -> Failure {
    let message = format!("No filter selected. Expected one of: {name}");
    parameters("youtube.parameter", "missingRequiredParameter", &message)
}

pub(super) fn unknown_part(part: &str) -> Failure {
    parameter(
        400,
        "youtube.part",
        "unknownPart",
        &format!("'{part}'"),
        "part",
    )
}

pub(super) fn invalid_parameter(name: &str, message: &str) -> Failure {
    parameter(400, "global", "invalidParameter", message, name)
}

/// A bad request of the newer APIs.
pub(super) fn invalid_argument(message: &str) -> Failure {
    with_status(
        failure(400, "global", "badRequest", message),
        "INVALID_ARGUMENT",
    )
}

pub(super) fn not_supported() -> Failure {
    invalid_argument("The query is not supported.")
}
