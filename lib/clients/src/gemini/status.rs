//! Google's error object: what it says about limits, fields and waiting.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::error::Error;
use crate::quota_day::QuotaDay;

/// A retry asked for later than this is not waited for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// `google.rpc.Status` as it comes in JSON. Details are dispatched by the end of `@type`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StatusObject {
    pub(super) code: Option<u16>,
    pub(super) message: String,
    pub(super) status: String,
    pub(super) details: Vec<Value>,
}

impl StatusObject {
    /// From a body, which may be an array of one (streams do that), HTML, or empty.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        Self::from_value(&serde_json::from_slice(body).ok()?)
    }

    pub(super) fn from_value(value: &Value) -> Option<Self> {
        let object = match value {
            Value::Array(items) => items.first()?,
            other => other,
        };
        Self::deserialize(object.get("error")?).ok()
    }

    pub(super) fn detail(&self, kind: &str) -> Option<&Value> {
        self.details.iter().find(|detail| {
            detail
                .get("@type")
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with(kind))
        })
    }

    pub(super) fn reason(&self) -> Option<&str> {
        self.detail("ErrorInfo")?.get("reason")?.as_str()
    }

    pub(super) fn status_or(&self, fallback: &str) -> String {
        if self.status.is_empty() {
            fallback.to_owned()
        } else {
            redact(&self.status)
        }
    }

    pub(super) fn fields(&self) -> Vec<String> {
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

    pub(super) fn quota_ids(&self) -> impl Iterator<Item = &str> {
        self.detail("QuotaFailure")
            .and_then(|detail| detail.get("violations")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|violation| violation.get("quotaId")?.as_str())
    }

    pub(super) fn retry_delay(&self) -> Option<Duration> {
        parse_duration(self.detail("RetryInfo")?.get("retryDelay")?.as_str()?)
    }

    /// A daily limit can carry a short delay, so the name of the quota is looked at first.
    pub(super) fn rate_limit(&self, retry_after: Option<Duration>, now: Timestamp) -> Error {
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
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()
}

/// `Please retry in 12.5s`, which some messages say without any details.
pub(super) fn please_retry_in(message: &str) -> Option<Duration> {
    let rest = message.split_once("Please retry in ")?.1;
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let unit = if number.starts_with("ms") { 2 } else { 1 };
    let length = rest.len() - number.len() + unit;
    parse_duration(rest.get(..length)?)
}

pub(super) fn longer(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    a.into_iter().chain(b).max()
}

impl Error {
    /// Reads an error answer: the status, the body as far as it can be understood, and the `Retry-After` header.
    pub(super) fn from_response(
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

    pub(super) fn from_status(
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

/// Takes keys out of a message of the service: one of its own messages quotes the key.
pub(super) fn redact(text: &str) -> String {
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
