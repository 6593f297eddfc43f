//! The bodies in which the Generative Language API refuses; those that never vary are in `errors.json`.

use serde_json::{Value, json};

use crate::Failure;

const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
const MINUTE: &str = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
const DAY: &str = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";

fn failure(error: Value) -> Failure {
    let status = error["code"].as_u64().unwrap_or(500);
    Failure::new(status as u16, json!({"error": error}))
}

/// An error of the file, with what stands for `{key}` and `{model}` in it.
fn fixed(name: &str, model: &str) -> Option<Failure> {
    let key = format!("AIza{}", &"FakeKeyForRedactionTests".repeat(2)[..35]);
    let text = include_str!("errors.json")
        .replace("{key}", &key)
        .replace("{model}", model);
    let mut errors: Value = serde_json::from_str(&text).unwrap_or_default();
    errors.get_mut(name).map(|error| failure(error.take()))
}

/// An error that is always the same.
pub(crate) fn refused(name: &str) -> Failure {
    fixed(name, "gemini-0").unwrap_or_else(|| invalid(name))
}

pub(crate) fn not_found(model: &str) -> Failure {
    fixed("notFound", model).unwrap_or_else(|| invalid(model))
}

pub(crate) fn invalid(message: &str) -> Failure {
    failure(json!({"code": 400, "status": "INVALID_ARGUMENT", "message": message}))
}

pub(crate) fn violation(message: &str, field: &str) -> Failure {
    let violations = json!([{"field": field, "description": message}]);
    let details = json!([{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]);
    failure(
        json!({"code": 400, "status": "INVALID_ARGUMENT", "message": message, "details": details}),
    )
}

/// An empty quota and how long to wait; without a delay nothing but the message says so.
fn exhausted(message: &str, quota: &str, delay: Option<&str>) -> Failure {
    let mut error = json!({"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message});
    if let Some(delay) = delay {
        error["details"] = json!([
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": quota,
                "quotaDimensions": {"location": "global", "model": "gemini-3.8-flash"}, "quotaValue": "250"}]},
            {"@type": "type.googleapis.com/google.rpc.Help", "links": [
                {"description": "Learn more about Gemini API quotas", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
        ]);
    }
    failure(error)
}

/// An error by name, for faults.
pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "perMinute" => exhausted(QUOTA, MINUTE, Some("1.5s")),
        "perDay" => exhausted(QUOTA, DAY, Some("2s")),
        "longDelay" => exhausted(QUOTA, MINUTE, Some("3600s")),
        "limitZero" => {
            let metric = "generate_content_free_tier_requests, limit: 0, model: gemini-3.8-flash";
            let message = format!("{QUOTA}\n* Quota exceeded for metric: {metric}");
            exhausted(&message, MINUTE, Some("2s"))
        }
        "retryInText" => exhausted(&format!("{QUOTA} Please retry in 900ms."), MINUTE, None),
        "arrayWrapped" => {
            let failure = exhausted(QUOTA, MINUTE, Some("1.5s"));
            Failure::new(failure.status, json!([failure.body]))
        }
        "html502" => Failure::page(
            502,
            "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title></html>",
        ),
        name => fixed(name, "gemini-0")?,
    })
}

/// What a fault with nothing but a status answers.
pub(crate) fn plain(status: u16) -> Value {
    let mut body = refused(match status {
        400 => "badKey",
        403 => "unregistered",
        404 => "notFound",
        429 => "noDetails",
        503 => "overloaded",
        504 => "deadline",
        _ => "internal",
    })
    .body;
    body["error"]["code"] = json!(status);
    body
}
