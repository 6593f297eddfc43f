//! The bodies in which YouTube refuses.

use serde_json::{Value, json};

/// A refusal.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// A refusal with one error in the usual shape.
pub(crate) fn failure(status: u16, domain: &str, reason: &str, message: &str) -> Failure {
    let body = json!({"error": {"code": status, "message": message, "errors": [{"message": message, "domain": domain, "reason": reason}]}});
    Failure { status, body }
}

fn at(mut failure: Failure, location: &str, kind: &str) -> Failure {
    failure.body["error"]["errors"][0]["location"] = json!(location);
    failure.body["error"]["errors"][0]["locationType"] = json!(kind);
    failure
}

fn status(mut failure: Failure, status: &str) -> Failure {
    failure.body["error"]["status"] = json!(status);
    failure
}

pub(crate) fn unauthenticated() -> Failure {
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
                   authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    let body = json!({"error": {"code": 401, "message": message,
        "errors": [{"message": "Invalid Credentials", "domain": "global", "reason": "authError", "location": "Authorization", "locationType": "header"}],
        "status": "UNAUTHENTICATED"}});
    Failure { status: 401, body }
}

pub(crate) fn insufficient_permissions() -> Failure {
    let message = "Request had insufficient authentication scopes.";
    let body = json!({"error": {"code": 403, "message": message,
        "errors": [{"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}],
        "status": "PERMISSION_DENIED",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                     "domain": "googleapis.com", "metadata": {"service": "youtube.googleapis.com"}}]}});
    Failure { status: 403, body }
}

pub(crate) fn forbidden() -> Failure {
    status(
        failure(403, "global", "forbidden", "Forbidden"),
        "PERMISSION_DENIED",
    )
}

pub(crate) fn signup_required() -> Failure {
    let body = json!({"error": {"errors": [{"domain": "youtube.header", "reason": "youtubeSignupRequired", "message": "Unauthorized",
        "locationType": "header", "location": "Authorization"}], "code": 401, "message": "Unauthorized"}});
    Failure { status: 401, body }
}

pub(crate) fn units_exhausted(code: u16) -> Failure {
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
    let mut failure = status(
        failure(429, "global", "rateLimitExceeded", &message),
        "RESOURCE_EXHAUSTED",
    );
    failure.body["error"]["details"] = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}]);
    failure
}

/// An empty bucket.
pub(crate) fn per_day(metric: &str) -> Failure {
    exceeded(metric, &format!("{metric} per day"))
}

/// Too fast.
pub(crate) fn per_minute() -> Failure {
    exceeded("Queries", "Queries per minute per user")
}

pub(crate) fn upload_limit() -> Failure {
    failure(
        400,
        "youtube.video",
        "uploadLimitExceeded",
        "The user has exceeded the number of videos they may upload.",
    )
}

pub(crate) fn bad_metadata(reason: &str, message: &str) -> Failure {
    failure(400, "youtube.video", reason, message)
}

pub(crate) fn playlist_not_found() -> Failure {
    let message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.";
    at(
        failure(404, "youtube.playlistItem", "playlistNotFound", message),
        "playlistId",
        "parameter",
    )
}

pub(crate) fn video_not_found() -> Failure {
    let message = "The video that you are trying to access cannot be found. Check the value of the <code>id</code> parameter.";
    at(
        failure(404, "youtube.video", "videoNotFound", message),
        "id",
        "parameter",
    )
}

pub(crate) fn invalid_page_token() -> Failure {
    let message = "The request specifies an invalid page token.";
    at(
        failure(400, "youtube.parameter", "invalidPageToken", message),
        "pageToken",
        "parameter",
    )
}

pub(crate) fn invalid_filters() -> Failure {
    at(
        failure(
            400,
            "youtube.parameter",
            "invalidFilters",
            "The request specifies an invalid filter parameter.",
        ),
        "parameters.",
        "other",
    )
}

pub(crate) fn invalid_criteria() -> Failure {
    let message = "A maximum of one of the following filters may be specified: id, mine, managedByMe, forHandle, forUsername.";
    at(
        failure(400, "youtube.channel", "invalidCriteria", message),
        "parameters.",
        "other",
    )
}

pub(crate) fn missing_parameter(name: &str) -> Failure {
    let message = format!("No filter selected. Expected one of: {name}");
    at(
        failure(
            400,
            "youtube.parameter",
            "missingRequiredParameter",
            &message,
        ),
        "parameters.",
        "other",
    )
}

pub(crate) fn unknown_part(part: &str) -> Failure {
    at(
        failure(400, "youtube.part", "unknownPart", &format!("'{part}'")),
        "part",
        "parameter",
    )
}

pub(crate) fn invalid_parameter(name: &str, message: &str) -> Failure {
    at(
        failure(400, "global", "invalidParameter", message),
        name,
        "parameter",
    )
}

pub(crate) fn not_supported() -> Failure {
    status(
        failure(400, "global", "badRequest", "The query is not supported."),
        "INVALID_ARGUMENT",
    )
}

/// One of YouTube's errors by name, for faults.
pub(crate) fn named_error(name: &str) -> Option<(u16, Value)> {
    let failure = match name {
        "authError" => unauthenticated(),
        "insufficientPermissions" => insufficient_permissions(),
        "forbidden" => forbidden(),
        "youtubeSignupRequired" => signup_required(),
        "quotaExceeded" => units_exhausted(403),
        "queriesPerDay" => per_day("Queries"),
        "uploadsPerDay" => per_day("Video Uploads"),
        "searchPerDay" => per_day("Search Queries"),
        "perMinute" => per_minute(),
        "userRateLimitExceeded" => failure(
            403,
            "usageLimits",
            "userRateLimitExceeded",
            "User Rate Limit Exceeded",
        ),
        "rateLimitExceeded" => failure(
            403,
            "usageLimits",
            "rateLimitExceeded",
            "Rate Limit Exceeded",
        ),
        "dailyLimitExceeded" => failure(
            403,
            "usageLimits",
            "dailyLimitExceeded",
            "Daily Limit Exceeded",
        ),
        "uploadLimitExceeded" => upload_limit(),
        "uploadRateLimitExceeded" => failure(
            429,
            "youtube.thumbnail",
            "uploadRateLimitExceeded",
            "The channel has uploaded too many thumbnails recently. Please try the request again later.",
        ),
        "authenticatedUserAccountSuspended" => failure(
            403,
            "youtube.header",
            "authenticatedUserAccountSuspended",
            "The authenticated user's account is suspended.",
        ),
        "authenticatedUserAccountClosed" => failure(
            403,
            "youtube.header",
            "authenticatedUserAccountClosed",
            "The authenticated user's account is closed.",
        ),
        "playlistItemsNotAccessible" => failure(
            403,
            "youtube.playlistItem",
            "playlistItemsNotAccessible",
            "The request is not properly authorized to retrieve the specified playlist items.",
        ),
        "playlistNotFound" => playlist_not_found(),
        "videoNotFound" => video_not_found(),
        "invalidPageToken" => invalid_page_token(),
        "forbiddenPrivacySetting" => failure(
            403,
            "youtube.video",
            "forbiddenPrivacySetting",
            "The request attempts to set an invalid privacy setting for the video.",
        ),
        "invalidImage" => failure(
            400,
            "youtube.thumbnail",
            "invalidImage",
            "The provided image content is invalid.",
        ),
        "notSupported" => not_supported(),
        "internalError" => failure(500, "youtube.common", "internalError", "Internal error"),
        "backendError" => failure(503, "global", "backendError", "Backend Error"),
        "html502" => {
            return Some((
                502,
                json!("<!DOCTYPE html><html><title>Error 502 (Server Error)!!1</title></html>"),
            ));
        }
        _ => return None,
    };
    Some((failure.status, failure.body))
}

/// What a fault with nothing but a status answers.
pub(crate) fn plain_error(status: u16) -> Value {
    match status {
        401 => unauthenticated().body,
        403 => forbidden().body,
        404 => video_not_found().body,
        429 => per_minute().body,
        503 => failure(503, "global", "backendError", "Backend Error").body,
        status => failure(status, "global", "backendError", "Backend Error").body,
    }
}
