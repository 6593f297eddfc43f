//! What can go wrong, in the words that decide what to do next.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::quota_day::QuotaDay;

/// A retry asked for later than this is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Why no answer was had from the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key is missing, wrong, restricted or suspended, or the API is not enabled for its project.
    #[error("the key was refused: {reason}")]
    KeyRefused {
        /// The service's word for it.
        reason: String,
    },
    /// The project may not use the service as it is: region or billing.
    #[error("the project may not use the service: {message}")]
    NotAllowed {
        /// What the service said, redacted.
        message: String,
    },
    /// The model is unknown or retired.
    #[error("the model is unknown or retired")]
    UnknownModel,
    /// The request was refused as it is; sending it again would be refused again.
    #[error("the request was refused with status {status}: {message}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// What the service said, redacted.
        message: String,
        /// The fields it complained about.
        fields: Vec<String>,
    },
    /// Too many requests for now.
    #[error("the rate limit was reached")]
    RateLimited {
        /// How long to wait, when the service said so.
        after: Option<Duration>,
    },
    /// An allowance is used up; waiting a little does not help.
    #[error("the allowance is used up ({quota})")]
    QuotaExhausted {
        /// Which one.
        quota: String,
        /// When it is given again, when that is known.
        until: Option<Timestamp>,
    },
    /// The service is in trouble (408, 499, 5xx).
    #[error("the service answered with status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long to wait, when the service said so.
        after: Option<Duration>,
    },
    /// No connection: nothing was sent.
    #[error("no connection to the service")]
    NotReached(#[source] Option<BoxError>),
    /// No answer in time. It may have been generated and billed.
    #[error("the service did not answer in time")]
    TimedOut,
    /// The connection broke after the request was sent. It may have been generated and billed.
    #[error("the answer was cut off")]
    Cut {
        /// What had arrived.
        partial: String,
        /// The running total of tokens, when one had arrived.
        usage: Option<super::Usage>,
    },
    /// An answer that is not what the service documents.
    #[error("the answer could not be read at {path}")]
    Unreadable {
        /// Where in the answer.
        path: String,
    },
}

/// Any error that a library gives.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Whether the call may have been billed although there is no answer.
    #[must_use]
    pub fn may_be_billed(&self) -> bool {
        matches!(
            self,
            Self::TimedOut | Self::Cut { .. } | Self::Unreadable { .. }
        )
    }

    /// How long to wait before the same request may be sent again, or `None` when it may not be: either because it
    /// would fail again, or because it may already have been billed. `attempt` counts from 1.
    #[must_use]
    pub fn retry(&self, attempt: u32) -> Option<Wait> {
        match self {
            // The function that timed out upstream gets one more chance, as does a cancelled one.
            Self::Unavailable {
                status: 499 | 504,
                after,
            } if attempt == 1 => Some(Wait::from(*after)),
            Self::Unavailable {
                status: 499 | 504, ..
            } => None,
            Self::Unavailable { after, .. } | Self::RateLimited { after } => {
                Some(Wait::from(*after))
            }
            Self::NotReached(_) => Some(Wait::Backoff),
            _ => None,
        }
    }

    /// Reads an error answer: the status, the body as far as it can be understood, and the `Retry-After` header.
    #[must_use]
    pub fn from_response(
        status: u16,
        retry_after: Option<Duration>,
        body: &[u8],
        now: Timestamp,
    ) -> Self {
        let status_object = StatusObject::parse(body);
        Self::from_status(status, retry_after, status_object, body, now)
    }

    /// Reads an error object that arrived inside a stream.
    pub(super) fn from_stream(object: &Value, now: Timestamp) -> Self {
        let parsed = StatusObject::from_value(object);
        let status = parsed.as_ref().and_then(|s| s.code).unwrap_or(500);
        Self::from_status(status, None, parsed, object.to_string().as_bytes(), now)
    }

    fn from_status(
        status: u16,
        retry_after: Option<Duration>,
        object: Option<StatusObject>,
        body: &[u8],
        now: Timestamp,
    ) -> Self {
        let object = object.unwrap_or_else(|| StatusObject {
            message: String::from_utf8_lossy(&body[..body.len().min(500)]).into_owned(),
            ..StatusObject::default()
        });
        let message = || redact(&object.message);
        let reason = object.reason();
        match (status, object.status.as_str()) {
            (400, _) if reason == Some("API_KEY_INVALID") => Self::KeyRefused {
                reason: "API_KEY_INVALID".to_owned(),
            },
            (400, "FAILED_PRECONDITION") => Self::NotAllowed { message: message() },
            (401 | 403, _) => Self::KeyRefused {
                reason: reason.map_or_else(|| object.status_or("PERMISSION_DENIED"), redact),
            },
            (404, _) => Self::UnknownModel,
            (429, _) => object.rate_limit(retry_after, now),
            (408 | 499 | 500..=599, _) => Self::Unavailable {
                status,
                after: longer(object.retry_delay(), retry_after),
            },
            _ => Self::Rejected {
                status,
                message: message(),
                fields: object.fields(),
            },
        }
    }
}

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// At least this long; the service said so.
    AtLeast(Duration),
    /// As the number of attempts asks for.
    Backoff,
}

impl From<Option<Duration>> for Wait {
    fn from(after: Option<Duration>) -> Self {
        after.map_or(Self::Backoff, Self::AtLeast)
    }
}

fn longer(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    a.into_iter().chain(b).max()
}

/// `google.rpc.Status` as it comes in JSON. Details are dispatched by the end of `@type`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatusObject {
    code: Option<u16>,
    message: String,
    status: String,
    details: Vec<Value>,
}

impl StatusObject {
    /// From a body, which may be an array of one (streams do that), HTML, or empty.
    fn parse(body: &[u8]) -> Option<Self> {
        Self::from_value(&serde_json::from_slice(body).ok()?)
    }

    fn from_value(value: &Value) -> Option<Self> {
        let object = match value {
            Value::Array(items) => items.first()?,
            other => other,
        };
        Self::deserialize(object.get("error")?).ok()
    }

    fn detail(&self, kind: &str) -> Option<&Value> {
        self.details.iter().find(|detail| {
            detail
                .get("@type")
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with(kind))
        })
    }

    fn reason(&self) -> Option<&str> {
        self.detail("ErrorInfo")?.get("reason")?.as_str()
    }

    fn status_or(&self, fallback: &str) -> String {
        if self.status.is_empty() {
            fallback.to_owned()
        } else {
            redact(&self.status)
        }
    }

    fn fields(&self) -> Vec<String> {
        let violations = self
            .detail("BadRequest")
            .and_then(|detail| detail.get("fieldViolations"));
        violations
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|violation| violation.get("field")?.as_str().map(redact))
            .collect()
    }

    fn quota_ids(&self) -> impl Iterator<Item = &str> {
        self.detail("QuotaFailure")
            .and_then(|detail| detail.get("violations")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|violation| violation.get("quotaId")?.as_str())
    }

    fn retry_delay(&self) -> Option<Duration> {
        parse_duration(self.detail("RetryInfo")?.get("retryDelay")?.as_str()?)
    }

    /// A daily limit can carry a short delay, so the name of the quota is looked at first.
    fn rate_limit(&self, retry_after: Option<Duration>, now: Timestamp) -> Error {
        if let Some(quota) = self
            .quota_ids()
            .find(|id| id.contains("PerDay") || id.contains("Daily"))
        {
            return Error::QuotaExhausted {
                quota: quota.to_owned(),
                until: Some(QuotaDay::of(now).end()),
            };
        }
        if self.message.contains("limit: 0") {
            return Error::QuotaExhausted {
                quota: "not part of the plan".to_owned(),
                until: None,
            };
        }
        if let Some(after) = longer(self.retry_delay(), retry_after) {
            if after > LONGEST_WAIT {
                let until = SignedDuration::try_from(after)
                    .ok()
                    .and_then(|after| now.checked_add(after).ok());
                return Error::QuotaExhausted {
                    quota: "long rate limit".to_owned(),
                    until,
                };
            }
            return Error::RateLimited { after: Some(after) };
        }
        if self.quota_ids().any(|id| id.contains("PerMinute")) {
            return Error::RateLimited {
                after: Some(Duration::from_secs(60)),
            };
        }
        Error::RateLimited {
            after: please_retry_in(&self.message),
        }
    }
}

/// A proto duration: `22s`, `34.074824224s`, also `900ms`. What cannot be read counts as absent.
fn parse_duration(text: &str) -> Option<Duration> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()
}

/// `Please retry in 12.5s`, which some messages say without any details.
fn please_retry_in(message: &str) -> Option<Duration> {
    let rest = message.split_once("Please retry in ")?.1;
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let unit = if number.starts_with("ms") { 2 } else { 1 };
    let length = rest.len() - number.len() + unit;
    parse_duration(rest.get(..length)?)
}

/// Takes keys out of a message of the service: one of its own messages quotes the key.
#[must_use]
pub fn redact(text: &str) -> String {
    const MARK: &str = "[redacted]";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let named = rest
            .find("api_key:")
            .map(|at| (at + "api_key:".len(), usize::MAX));
        let bare = rest.find("AIza").map(|at| (at, 39));
        let Some((start, cap)) = named
            .into_iter()
            .chain(bare)
            .min_by_key(|(start, _)| *start)
        else {
            out.push_str(rest);
            return out;
        };
        let (before, after) = rest.split_at(start);
        let length = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(after.len());
        out.push_str(before);
        if cap == usize::MAX || length >= cap {
            out.push_str(MARK);
            rest = &after[length..];
        } else {
            // Four letters that begin like a key but are none.
            let keep = length.max(4).min(after.len());
            out.push_str(&after[..keep]);
            rest = &after[keep..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        assert!(
            matches!(suspended, Error::KeyRefused { reason } if reason == "CONSUMER_SUSPENDED")
        );
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
    fn a_daily_limit_wins_over_its_short_delay() {
        let error = limited(json!([
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
                {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "250"}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}]));
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
        assert!(
            matches!(minute, Error::RateLimited { after: Some(after) } if after.as_secs() == 60)
        );
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
        assert!(
            matches!(header, Error::RateLimited { after: Some(after) } if after.as_secs() == 9)
        );
    }

    #[test]
    fn trouble_of_the_service_may_be_retried_and_a_timeout_upstream_only_once() {
        for status in [408, 500, 502, 503] {
            let error = Error::from_response(status, None, b"<html>Bad Gateway</html>", now());
            assert_eq!(error.retry(2), Some(Wait::Backoff), "{status}");
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
}
