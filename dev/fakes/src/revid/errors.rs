//! The errors of RevID.

use serde_json::json;

use crate::failure::Failure;

pub(super) const BLOCKED: &str = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>error code: 1010</body></html>";

pub(super) fn refused(status: u16, error: &str) -> Failure {
    let docs = json!({"reference": "https://www.revid.ai/docs"});
    Failure::new(status, json!({"success": 0, "error": error, "docs": docs}))
}

pub(super) fn not_found() -> Failure {
    Failure::new(404, json!({"success": 0, "error": "Not found"}))
}

/// An error by name, for faults.
pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "invalidKey" => refused(401, "Invalid API key"),
        "insufficientCredits" => refused(402, "insufficient_credits"),
        "planLocked" => refused(403, "this feature needs another plan"),
        "cloudflare" => Failure::page(403, BLOCKED),
        "busy" => refused(409, "project busy"),
        "schema" => refused(422, "schema violation"),
        "rateLimited" => refused(429, "rate limit exceeded"),
        "internal" => refused(500, "Internal server error"),
        "html502" => Failure::page(
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>",
        ),
        _ => return None,
    })
}
