//! YouTube's errors by name, for faults.

use serde_json::Value;

use super::errors::{
    self, failure, forbidden, per_day, per_minute, unauthenticated, video_not_found,
};
use crate::failure::Failure;

/// Status, domain, reason and message of errors that are named by their reason.
const BY_REASON: [(u16, &str, &str, &str); 9] = [
    (
        403,
        "usageLimits",
        "userRateLimitExceeded",
        "User Rate Limit Exceeded",
    ),
    (
        403,
        "usageLimits",
        "rateLimitExceeded",
        "Rate Limit Exceeded",
    ),
    (
        403,
        "usageLimits",
        "dailyLimitExceeded",
        "Daily Limit Exceeded",
    ),
    (
        403,
        "youtube.header",
        "authenticatedUserAccountSuspended",
        "The authenticated user's account is suspended.",
    ),
    (
        403,
        "youtube.header",
        "authenticatedUserAccountClosed",
        "The authenticated user's account is closed.",
    ),
    (
        403,
        "youtube.playlistItem",
        "playlistItemsNotAccessible",
        "The request is not properly authorized to retrieve the specified playlist items.",
    ),
    (
        403,
        "youtube.video",
        "forbiddenPrivacySetting",
        "The request attempts to set an invalid privacy setting for the video.",
    ),
    (500, "youtube.common", "internalError", "Internal error"),
    (503, "global", "backendError", "Backend Error"),
];

pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "authError" => unauthenticated(),
        "insufficientPermissions" => errors::insufficient_permissions(),
        "forbidden" => forbidden(),
        "youtubeSignupRequired" => errors::signup_required(),
        "quotaExceeded" => errors::units_exhausted(403),
        "queriesPerDay" => per_day("Queries"),
        "uploadsPerDay" => per_day("Video Uploads"),
        "searchPerDay" => per_day("Search Queries"),
        "perMinute" => per_minute(),
        "uploadLimitExceeded" => errors::upload_limit(),
        "uploadRateLimitExceeded" => errors::thumbnail_throttled(),
        "playlistNotFound" => errors::playlist_not_found(),
        "videoNotFound" => video_not_found(),
        "invalidPageToken" => errors::invalid_page_token(),
        "invalidImage" => errors::invalid_image(),
        "notSupported" => errors::not_supported(),
        "html502" => {
            let page = "<!DOCTYPE html><html><title>Error 502 (Server Error)!!1</title></html>";
            Failure::page(502, page)
        }
        name => {
            let found = BY_REASON.iter().find(|(_, _, reason, _)| *reason == name);
            let (status, domain, reason, message) = found?;
            failure(*status, domain, reason, message)
        }
    })
}

/// What a fault with nothing but a status answers.
pub(crate) fn plain(status: u16) -> Value {
    let failure = match status {
        401 => unauthenticated(),
        403 => forbidden(),
        404 => video_not_found(),
        429 => per_minute(),
        status => failure(status, "global", "backendError", "Backend Error"),
    };
    failure.body
}
