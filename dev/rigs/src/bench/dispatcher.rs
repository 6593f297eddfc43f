//! The dispatcher as a measured function, and the request that wakes it.

use super::server::Function;
use super::testbed::Testbed;
use super::wire::Request;

/// It has no counterpart in TypeScript.
pub(super) const DISPATCHER: Function = Function {
    binary: "api_cron",
    peer: "",
};

/// Wakes the dispatcher.
pub(super) fn wake(testbed: &Testbed) -> Request {
    let secret = format!("Bearer {}", testbed.variable("CRON_SECRET"));
    let headers = [("authorization", secret.as_str())];
    Request::new("POST", "/api/cron/dispatch", &headers, b"{}")
}
