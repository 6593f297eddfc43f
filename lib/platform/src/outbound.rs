//! The way to the outside world: one connection pool, whose calls are recorded.

use std::sync::{Arc, OnceLock};

use crate::telemetry;
use clients::transport::Transport;

/// The transport that every client of this process shares. A function has one runtime for its whole life, so one pool serves
/// it; nothing is opened before the first call.
pub fn transport() -> &'static Transport {
    static SHARED: OnceLock<Transport> = OnceLock::new();
    SHARED.get_or_init(|| Transport::new().observed_by(Arc::new(telemetry::observe)))
}
