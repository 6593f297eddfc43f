use serde_json::{Value, json};

use super::*;
use crate::gemini::status::redact;

fn now() -> Timestamp {
    "2026-11-22T15:00:00Z".parse().unwrap()
}

fn read(status: u16, body: &Value) -> Error {
    Error::from_response(status, None, body.to_string().as_bytes(), now())
}

fn limited(details: Value) -> Error {
    read(
        429,
        &json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Slow down.",
        "details": details}}),
    )
}

#[test]
fn an_invalid_key_is_status_400() {
    let error = read(
        400,
        &json!({"error": {"code": 400, "status": "INVALID_ARGUMENT",
        "message": "API key not valid. Please pass a valid API key.",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}}),
    );
    assert!(matches!(&error, Error::KeyRefused { reason } if reason == "API_KEY_INVALID"));
    assert!(error.retry(1).is_none());
}

#[test]
fn a_missing_key_a_suspended_key_and_a_disabled_api_are_status_403() {
    let none = read(
        403,
        &json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Method doesn't allow unregistered callers"}}),
    );
    assert!(matches!(none, Error::KeyRefused { reason } if reason == "PERMISSION_DENIED"));
    let suspended = read(
        403,
        &json!({"error": {"code": 403, "message": "Consumer 'api_key:x' has been suspended.",
        "details": [{"@type": "a/google.rpc.ErrorInfo", "reason": "CONSUMER_SUSPENDED"}]}}),
    );
    assert!(matches!(suspended, Error::KeyRefused { reason } if reason == "CONSUMER_SUSPENDED"));
}

#[test]
fn a_refused_field_is_named() {
    let error = read(
        400,
        &json!({"error": {"code": 400, "status": "INVALID_ARGUMENT",
        "message": "Invalid JSON payload received. Unknown name \"x\" at 'generation_config': Cannot find field.",
        "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "generation_config", "description": "…"}]}]}}),
    );
    let Error::Rejected {
        status: 400,
        fields,
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(fields, &["generation_config"]);
    assert!(!error.may_be_billed());
}

#[test]
fn case_g04_a_daily_limit_wins_over_its_short_delay() {
    let error = limited(json!([
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
            {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"},
            {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "250"}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "19s"}]));
    let Error::QuotaExhausted { until, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(until.unwrap().to_string(), "2026-11-23T08:00:00Z");
    assert!(error.retry(1).is_none());
}

#[test]
fn delays_are_read_in_every_form_the_service_uses() {
    for (text, millis) in [
        ("22s", 22_000),
        ("34.074824224s", 34_074),
        ("0s", 0),
        ("900ms", 900),
        ("1.5s", 1500),
    ] {
        let error = limited(json!([{"@type": "x/google.rpc.RetryInfo", "retryDelay": text}]));
        let Error::RateLimited { after: Some(after) } = error else {
            panic!("{text}")
        };
        assert_eq!(after.as_millis(), millis, "{text}");
    }
    for broken in ["soon", "-3s", "NaNs", ""] {
        let error = limited(json!([{"@type": "x/google.rpc.RetryInfo", "retryDelay": broken}]));
        assert!(
            matches!(error, Error::RateLimited { after: None }),
            "{broken}"
        );
    }
}

#[test]
fn the_rest_of_the_429_family() {
    let long = limited(json!([{"@type": "x/google.rpc.RetryInfo", "retryDelay": "301s"}]));
    assert!(matches!(long, Error::QuotaExhausted { until: Some(_), .. }));
    let minute = limited(
        json!([{"@type": "x/google.rpc.QuotaFailure", "violations": [
        {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}]),
    );
    assert!(matches!(minute, Error::RateLimited { after: Some(after) } if after.as_secs() == 60));
    let bare = json!({"error": {"code": 429, "message": "Resource has been exhausted (e.g. check quota)."}});
    assert!(matches!(
        read(429, &bare),
        Error::RateLimited { after: None }
    ));
    let text = json!({"error": {"code": 429, "message": "Over quota. Please retry in 12.5s."}});
    assert!(
        matches!(read(429, &text), Error::RateLimited { after: Some(after) } if after.as_millis() == 12_500)
    );
    let millis = json!({"error": {"code": 429, "message": "Please retry in 700ms"}});
    assert!(
        matches!(read(429, &millis), Error::RateLimited { after: Some(after) } if after.as_millis() == 700)
    );
    let zero = json!({"error": {"code": 429, "message": "Quota exceeded, limit: 0, model: x"}});
    assert!(matches!(
        read(429, &zero),
        Error::QuotaExhausted { until: None, .. }
    ));
    let header = Error::from_response(429, Some(Duration::from_secs(9)), b"", now());
    assert!(matches!(header, Error::RateLimited { after: Some(after) } if after.as_secs() == 9));
}

#[test]
fn trouble_of_the_service_may_be_retried_and_a_timeout_upstream_only_once() {
    for status in [408, 500, 502, 503] {
        let error = Error::from_response(status, None, b"<html>Bad Gateway</html>", now());
        assert_eq!(error.retry(2), Some(Duration::ZERO), "{status}");
    }
    let late = Error::from_response(504, None, b"", now());
    assert!(late.retry(1).is_some() && late.retry(2).is_none());
}

#[test]
fn what_may_have_been_billed_is_not_sent_again() {
    for error in [
        Error::TimedOut,
        Error::Cut {
            partial: String::new(),
            usage: None,
        },
    ] {
        assert!(error.may_be_billed() && error.retry(1).is_none());
    }
    assert!(!Error::NotReached(None).may_be_billed());
}

#[test]
fn an_error_wrapped_in_an_array_is_read() {
    let error = read(
        400,
        &json!([{"error": {"code": 400, "status": "FAILED_PRECONDITION", "message": "Region."}}]),
    );
    assert!(matches!(error, Error::NotAllowed { message } if message == "Region."));
}

#[test]
fn keys_never_stay_in_a_message() {
    let key = format!("AIza{}", "x".repeat(35));
    let message =
        format!("Permission denied: Consumer 'api_key:{key}' has been suspended. See {key}!");
    let clean = redact(&message);
    assert_eq!(
        clean,
        "Permission denied: Consumer 'api_key:[redacted]' has been suspended. See [redacted]!"
    );
    assert_eq!(
        redact("AIza is no key, AIz neither"),
        "AIza is no key, AIz neither"
    );
    assert_eq!(redact("ends with AIza"), "ends with AIza");
}

proptest::proptest! {
    #[test]
    fn any_body_is_read_without_panic(status in 400u16..600, body: Vec<u8>) {
        let _ = Error::from_response(status, None, &body, now());
    }

    #[test]
    fn redaction_keeps_everything_that_is_no_key(text in "[ -~é]{0,60}") {
        proptest::prop_assume!(!text.contains("api_key:"));
        proptest::prop_assert_eq!(redact(&text), text);
    }
}
