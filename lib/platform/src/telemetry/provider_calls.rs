//! Calls to outside services: logged when they fail, and recorded.

use super::{recorder, records::Call};
use crate::{clock, trace};
use clients::transport::CallRecord;

/// The observer of the shared transport, told of every attempt.
pub(crate) fn observe(record: &CallRecord) {
    let trace = trace::current().unwrap_or_default();
    let error = record.error.or_else(|| fault(record));
    let duration_ms = u64::try_from(record.duration.as_millis()).unwrap_or(u64::MAX);
    if let Some(error) = error {
        tracing::warn!(
            service = record.service,
            operation = record.operation,
            attempt = record.attempt,
            status = record.status,
            error,
            duration_ms,
            request_id = trace.request_id.as_deref(),
            step.id = trace.step_id.map(tracing::field::display),
            "provider call failed"
        );
    }
    recorder::call(Call {
        request_id: trace.request_id,
        step_id: trace.step_id,
        at: clock::now(),
        service: record.service,
        operation: record.operation,
        attempt: record.attempt,
        status: record.status,
        error,
        duration_ms,
        parent: trace.span,
    });
}

/// What an answer says about its service. What it says about one user's token or one bad request is none of that.
fn fault(record: &CallRecord) -> Option<&'static str> {
    match record.status? {
        500.. => Some("server_error"),
        429 => Some("throttled"),
        // These two are asked with the deployment's own key.
        401 | 403 if matches!(record.service, "gemini" | "revid") => Some("refused"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bad_request_says_nothing_about_its_service() {
        let with = |service, status| {
            fault(&CallRecord {
                service,
                operation: "test",
                attempt: 1,
                status: Some(status),
                error: None,
                duration: Duration::ZERO,
            })
        };
        assert_eq!(with("youtube", 200), None);
        assert_eq!(with("youtube", 403), None);
        assert_eq!(with("gemini", 403), Some("refused"));
        assert_eq!(with("revid", 404), None);
        assert_eq!(with("gemini", 429), Some("throttled"));
        assert_eq!(with("google_oauth", 503), Some("server_error"));
    }
}
