//! The errors by name, for faults.

use serde_json::{Value, json};

use super::errors::{
    bad_key, exhausted, failure, invalid, not_found, overloaded, suspended, unregistered,
};
use crate::failure::Failure;

const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
const MINUTE: &str = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
const DAY: &str = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";

pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "badKey" => bad_key(),
        "unregistered" => unregistered(),
        "suspended" => suspended(),
        "notFound" => not_found("gemini-0"),
        "tooManyStates" => invalid(
            "The specified schema produces a constraint that has too many states for serving. Typical causes of this error are schemas with lots of text.",
        ),
        "html502" => Failure::page(
            502,
            "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title></html>",
        ),
        "overloaded" => overloaded(),
        name => exhausted_by(name).or_else(|| by_status(name))?,
    })
}

/// The family of 429.
fn exhausted_by(name: &str) -> Option<Failure> {
    Some(match name {
        "perMinute" => exhausted(QUOTA, Some(MINUTE), Some("1.5s")),
        "perDay" => exhausted(QUOTA, Some(DAY), Some("2s")),
        "longDelay" => exhausted(QUOTA, Some(MINUTE), Some("3600s")),
        "noDetails" => exhausted(
            "Resource has been exhausted (e.g. check quota).",
            None,
            None,
        ),
        "limitZero" => {
            let message = format!(
                "{QUOTA}\n* Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: gemini-3.8-flash"
            );
            exhausted(&message, Some(MINUTE), Some("2s"))
        }
        "retryInText" => exhausted(&format!("{QUOTA} Please retry in 900ms."), None, None),
        "arrayWrapped" => {
            let failure = exhausted(QUOTA, Some(MINUTE), Some("1.5s"));
            Failure::new(failure.status, json!([failure.body]))
        }
        _ => return None,
    })
}

/// Errors that are no more than a status, its name and a message.
fn by_status(name: &str) -> Option<Failure> {
    let (status, word, message) = match name {
        "serviceDisabled" => (
            403,
            "PERMISSION_DENIED",
            "Generative Language API has not been used in this project before or it is disabled.",
        ),
        "failedPrecondition" => (
            400,
            "FAILED_PRECONDITION",
            "User location is not supported for the API use.",
        ),
        "cancelled" => (499, "CANCELLED", "The operation was cancelled."),
        "internal" => (
            500,
            "INTERNAL",
            "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
        ),
        "deadline" => (
            504,
            "DEADLINE_EXCEEDED",
            "Deadline expired before operation could complete.",
        ),
        _ => return None,
    };
    let mut details = json!([]);
    if name == "serviceDisabled" {
        details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]);
    }
    Some(failure(status, word, message, details))
}

/// What a fault with nothing but a status answers.
pub(crate) fn plain(status: u16) -> Value {
    let name = match status {
        400 => "badKey",
        403 => "unregistered",
        404 => "notFound",
        429 => "noDetails",
        503 => "overloaded",
        504 => "deadline",
        _ => "internal",
    };
    let mut body = named(name).map(|failure| failure.body).unwrap_or_default();
    body["error"]["code"] = json!(status);
    body
}
