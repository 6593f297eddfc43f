//! Logs: one JSON line for each request and each step, on stdout, without bodies or tokens.

use std::sync::Once;

use tracing::level_filters::LevelFilter;

use super::panicked::Panicked;
use super::records::Request;

/// Starts logging, once. `LOG_LEVEL` is `error`, `warn`, `info`, `debug` or `trace`; without it `ENABLE_DEBUG_MODE` decides
/// between `debug` and `info`.
pub fn init() {
    static INIT: Once = Once::new();
    INIT.call_once(|| {
        let level = std::env::var("LOG_LEVEL")
            .ok()
            .and_then(|level| level.parse().ok());
        let otherwise = match std::env::var("ENABLE_DEBUG_MODE").as_deref() {
            Ok("true" | "1") => LevelFilter::DEBUG,
            _ => LevelFilter::INFO,
        };
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_max_level(level.unwrap_or(otherwise))
            .init();
        // A panic's message may quote data: where it was is enough to find it.
        std::panic::set_hook(Box::new(|panic| {
            let location = panic
                .location()
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(location, "panic");
            Panicked::note(location);
        }));
    });
}

/// One line for one request; over two seconds is a warning.
pub(crate) fn log_request(request: &Request) {
    let (user, error) = (request.user.map(|id| id.to_string()), request.error());
    macro_rules! line {
        ($level:ident, $message:literal) => {
            tracing::$level!(
                operation = request.operation,
                status = request.status,
                duration_ms = request.duration_ms,
                request_id = request.request_id,
                user.id = user.as_deref(),
                code = request.code,
                error = error.as_deref(),
                $message
            )
        };
    }
    if request.is_failed() {
        line!(error, "request");
    } else if request.is_slow() {
        line!(warn, "slow request");
    } else {
        line!(info, "request");
    }
}
