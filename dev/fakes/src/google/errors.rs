//! The errors of Google's token endpoint.

use serde_json::{Value, json};

use crate::failure::Failure;

pub(super) fn oauth(status: u16, error: &str, description: &str) -> Failure {
    Failure::new(
        status,
        json!({"error": error, "error_description": description}),
    )
}

pub(super) fn invalid_grant() -> Failure {
    oauth(400, "invalid_grant", "Bad Request")
}

/// A refresh token that no longer works.
pub(super) fn dead_grant() -> Failure {
    oauth(400, "invalid_grant", "Token has been expired or revoked.")
}

pub(super) fn invalid_client() -> Failure {
    oauth(401, "invalid_client", "The OAuth client was not found.")
}

pub(super) fn invalid_request(description: &str) -> Failure {
    oauth(400, "invalid_request", description)
}

/// An error by name, for faults.
pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "invalid_grant" => dead_grant(),
        "invalid_rapt" => {
            let mut failure = oauth(400, "invalid_grant", "reauth related error (invalid_rapt)");
            failure.body["error_subtype"] = Value::from("invalid_rapt");
            failure
        }
        "invalid_client" => invalid_client(),
        "internal_failure" => Failure::new(500, json!({"error": "internal_failure"})),
        "unavailable" => Failure::page(503, "<html><title>503 Service Unavailable</title></html>"),
        _ => return None,
    })
}
