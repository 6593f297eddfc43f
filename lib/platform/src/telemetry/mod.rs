//! Logs: one JSON line for each request and each step, on stdout, without bodies or tokens; and the records of both, in the
//! database.

mod export;
pub mod recorder;

use std::sync::Once;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tracing::level_filters::LevelFilter;

use crate::clock;
use crate::ids::UserId;

/// What the access log says about a request.
#[derive(Debug)]
pub struct Access<'a> {
    /// Operation id.
    pub operation: &'static str,
    /// Status of the answer.
    pub status: u16,
    /// Until the answer was ready to be sent.
    pub duration: Duration,
    /// Request id.
    pub request_id: &'a str,
    /// The signed-in caller.
    pub user: Option<UserId>,
    /// Code of the problem, when there is one.
    pub code: Option<&'static str>,
    /// Its cause.
    pub source: Option<String>,
}

/// Starts logging, once. `LOG_LEVEL` is `error`, `warn`, `info`, `debug` or `trace`; without it `ENABLE_DEBUG_MODE` decides
/// between `debug` and `info`.
pub fn init() {
    static INIT: Once = Once::new();
    INIT.call_once(|| {
        let level = std::env::var("LOG_LEVEL")
            .ok()
            .and_then(|level| level.parse().ok())
            .unwrap_or_else(|| match std::env::var("ENABLE_DEBUG_MODE").as_deref() {
                Ok("true" | "1") => LevelFilter::DEBUG,
                _ => LevelFilter::INFO,
            });
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_max_level(level)
            .init();
        // A panic's message may quote data: the place is enough to find it.
        std::panic::set_hook(Box::new(|panic| {
            let location = panic
                .location()
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(location, "panic");
        }));
    });
}

/// Keeps a request's record, which is written after the answer: `keep` is told to hold the instance until then.
pub(crate) fn record(access: &Access<'_>, keep: &dyn Fn(BoxFuture<'static, ()>)) {
    let end_of_round = recorder::request(recorder::Request {
        request_id: access.request_id.into(),
        at: clock::now(),
        operation: access.operation,
        status: access.status,
        duration_ms: u64::try_from(access.duration.as_millis()).unwrap_or(u64::MAX),
        code: access.code,
        error: access.source.clone(),
        user: access.user,
    });
    // The second host works off before its answer whatever it is given to keep, so it is given nothing: it writes while it
    // answers the next request.
    if let Some(end) = end_of_round
        && std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none()
    {
        keep(Box::pin(end));
    }
}

/// One line for one request; over two seconds is a warning.
pub fn access_log(access: &Access<'_>) {
    let duration_ms = u64::try_from(access.duration.as_millis()).unwrap_or(u64::MAX);
    let user = access.user.map(|id| id.to_string());
    let (user, code, error) = (user.as_deref(), access.code, access.source.as_deref());
    let Access {
        operation,
        status,
        request_id,
        ..
    } = access;
    if *status >= 500 {
        tracing::error!(
            operation,
            status,
            duration_ms,
            request_id,
            user.id = user,
            code,
            error,
            "request"
        );
    } else if duration_ms > 2_000 {
        tracing::warn!(
            operation,
            status,
            duration_ms,
            request_id,
            user.id = user,
            code,
            error,
            "slow request"
        );
    } else {
        tracing::info!(
            operation,
            status,
            duration_ms,
            request_id,
            user.id = user,
            code,
            error,
            "request"
        );
    }
}
