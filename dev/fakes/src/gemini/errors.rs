//! The bodies in which the Generative Language API refuses.

use axum::response::Response;
use serde_json::{Value, json};

use crate::server::json_answer;

/// A refusal.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Failure {
    pub(super) fn answer(&self) -> Response {
        json_answer(self.status, &self.body)
    }
}

fn failure(status: u16, name: &str, message: &str, details: Value) -> Failure {
    let mut body = json!({"error": {"code": status, "message": message, "status": name}});
    if details
        .as_array()
        .is_some_and(|details| !details.is_empty())
    {
        body["error"]["details"] = details;
    }
    Failure { status, body }
}

pub(super) fn invalid(message: &str) -> Failure {
    failure(400, "INVALID_ARGUMENT", message, json!([]))
}

pub(super) fn violation(message: &str, field: &str) -> Failure {
    let details = json!([{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field, "description": message}]}]);
    failure(400, "INVALID_ARGUMENT", message, details)
}

pub(super) fn not_json() -> Failure {
    invalid("Invalid JSON payload received. Unexpected token.")
}

pub(super) fn bad_key() -> Failure {
    let message = "API key not valid. Please pass a valid API key.";
    let details = json!([
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com",
         "metadata": {"service": "generativelanguage.googleapis.com"}},
        {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": message}]);
    failure(400, "INVALID_ARGUMENT", message, details)
}

pub(super) fn unregistered() -> Failure {
    let message = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.";
    failure(403, "PERMISSION_DENIED", message, json!([]))
}

fn suspended() -> Failure {
    let key = format!(
        "AIza{}",
        "FakeKeyForRedactionTests"
            .repeat(2)
            .chars()
            .take(35)
            .collect::<String>()
    );
    let message = format!("Permission denied: Consumer 'api_key:{key}' has been suspended.");
    let details = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "CONSUMER_SUSPENDED", "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com", "containerInfo": format!("api_key:{key}")}}]);
    failure(403, "PERMISSION_DENIED", &message, details)
}

pub(super) fn not_found(model: &str) -> Failure {
    let message = format!(
        "models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."
    );
    failure(404, "NOT_FOUND", &message, json!([]))
}

fn exhausted(message: &str, quota_id: Option<&str>, delay: Option<&str>) -> Failure {
    let mut details = Vec::new();
    if let Some(id) = quota_id {
        details.push(json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": id,
            "quotaDimensions": {"location": "global", "model": "gemini-3.8-flash"}, "quotaValue": "250"}]}));
        details.push(json!({"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": "Learn more about Gemini API quotas", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]}));
    }
    if let Some(delay) = delay {
        details.push(
            json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}),
        );
    }
    failure(429, "RESOURCE_EXHAUSTED", message, Value::Array(details))
}

pub(super) fn overloaded() -> Failure {
    failure(
        503,
        "UNAVAILABLE",
        "The model is overloaded. Please try again later.",
        json!([]),
    )
}

/// One of the service's errors by name, for faults.
pub(crate) fn named_error(name: &str) -> Option<(u16, Value)> {
    const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
    const MINUTE: &str = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    const DAY: &str = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
    let refusal = match name {
        "badKey" => bad_key(),
        "unregistered" => unregistered(),
        "suspended" => suspended(),
        "serviceDisabled" => failure(
            403,
            "PERMISSION_DENIED",
            "Generative Language API has not been used in this project before or it is disabled.",
            json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]),
        ),
        "notFound" => not_found("gemini-0"),
        "failedPrecondition" => failure(
            400,
            "FAILED_PRECONDITION",
            "User location is not supported for the API use.",
            json!([]),
        ),
        "tooManyStates" => invalid(
            "The specified schema produces a constraint that has too many states for serving. Typical causes of this error are schemas with lots of text.",
        ),
        "perMinute" => exhausted(QUOTA, Some(MINUTE), Some("1.5s")),
        "perDay" => exhausted(QUOTA, Some(DAY), Some("2s")),
        "longDelay" => exhausted(QUOTA, Some(MINUTE), Some("3600s")),
        "noDetails" => exhausted(
            "Resource has been exhausted (e.g. check quota).",
            None,
            None,
        ),
        "limitZero" => exhausted(
            &format!(
                "{QUOTA}\n* Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: gemini-3.8-flash"
            ),
            Some(MINUTE),
            Some("2s"),
        ),
        "retryInText" => exhausted(&format!("{QUOTA} Please retry in 900ms."), None, None),
        "cancelled" => failure(499, "CANCELLED", "The operation was cancelled.", json!([])),
        "internal" => failure(
            500,
            "INTERNAL",
            "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
            json!([]),
        ),
        "html502" => {
            return Some((
                502,
                json!(
                    "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title></html>"
                ),
            ));
        }
        "overloaded" => overloaded(),
        "deadline" => failure(
            504,
            "DEADLINE_EXCEEDED",
            "Deadline expired before operation could complete.",
            json!([]),
        ),
        "arrayWrapped" => {
            let refusal = exhausted(QUOTA, Some(MINUTE), Some("1.5s"));
            return Some((refusal.status, json!([refusal.body])));
        }
        _ => return None,
    };
    Some((refusal.status, refusal.body))
}

/// What a fault with nothing but a status answers.
pub(crate) fn plain_error(status: u16) -> Value {
    let name = match status {
        400 => "badKey",
        403 => "unregistered",
        404 => "notFound",
        429 => "noDetails",
        503 => "overloaded",
        504 => "deadline",
        _ => "internal",
    };
    let mut body = named_error(name).map(|(_, body)| body).unwrap_or_default();
    body["error"]["code"] = json!(status);
    body
}
