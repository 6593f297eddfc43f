//! The bodies in which the Generative Language API refuses.

use serde_json::{Value, json};

use crate::failure::Failure;

pub(super) fn failure(status: u16, name: &str, message: &str, details: Value) -> Failure {
    let mut body = json!({"error": {"code": status, "message": message, "status": name}});
    if details != json!([]) {
        body["error"]["details"] = details;
    }
    Failure::new(status, body)
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

pub(super) fn suspended() -> Failure {
    let key = format!("AIza{}", &"FakeKeyForRedactionTests".repeat(2)[..35]);
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

pub(super) fn exhausted(message: &str, quota_id: Option<&str>, delay: Option<&str>) -> Failure {
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
