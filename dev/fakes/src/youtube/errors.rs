//! The bodies in which YouTube refuses, by name. `errors.json` has them: status, domain and message, and where they are not
//! the usual, `reason` (the name), `location` in the request (a parameter, unless `locationType` says otherwise), the status
//! `word` and `details` of newer APIs, and the `top` message. `{}` stands for what a refusal is about.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    status: u16,
    domain: String,
    message: String,
    reason: Option<String>,
    location: Option<String>,
    location_type: Option<String>,
    word: Option<String>,
    details: Option<Value>,
    top: Option<String>,
}

/// A refusal about something.
pub(crate) fn about(name: &str, what: &str) -> Failure {
    let known = known(name, what);
    known.unwrap_or_else(|| failure(500, "youtube.common", name, what))
}

/// A refusal of the file.
pub(crate) fn refused(name: &str) -> Failure {
    about(name, "")
}

/// A refusal with one error in the usual shape.
fn failure(status: u16, domain: &str, reason: &str, message: &str) -> Failure {
    let error = json!({"message": message, "domain": domain, "reason": reason});
    let body = json!({"error": {"code": status, "message": message, "errors": [error]}});
    Failure::new(status, body)
}

fn known(name: &str, what: &str) -> Option<Failure> {
    let mut all: Value = serde_json::from_str(include_str!("errors.json")).ok()?;
    let known = Known::deserialize(all.get_mut(name)?.take()).ok()?;
    let reason = known.reason.as_deref().unwrap_or(name);
    let (domain, message) = (
        known.domain.replace("{}", what),
        known.message.replace("{}", what),
    );
    let mut failure = failure(known.status, &domain, reason, &message);
    let error = &mut failure.body["error"];
    if let Some(location) = known.location {
        let kind = known.location_type.as_deref().unwrap_or("parameter");
        error["errors"][0]["location"] = json!(location);
        error["errors"][0]["locationType"] = json!(kind);
    }
    for (member, value) in [("status", known.word), ("message", known.top)] {
        if let Some(value) = value {
            error[member] = json!(value);
        }
    }
    if let Some(details) = known.details {
        error["details"] = details;
    }
    Some(failure)
}

/// An empty pool of units.
pub(crate) fn units_exhausted(status: u16) -> Failure {
    match status {
        429 => about("perDay", "Queries"),
        _ => refused("quotaExceeded"),
    }
}

pub(crate) fn invalid_parameter(name: &str, message: &str) -> Failure {
    let mut failure = failure(400, "global", "invalidParameter", message);
    failure.body["error"]["errors"][0]["location"] = json!(name);
    failure.body["error"]["errors"][0]["locationType"] = json!("parameter");
    failure
}

/// A bad request of the newer APIs.
pub(crate) fn invalid_argument(message: &str) -> Failure {
    about("badRequest", message)
}

pub(crate) fn not_supported() -> Failure {
    invalid_argument("The query is not supported.")
}

/// An error by name, for faults.
pub(crate) fn named(name: &str) -> Option<Failure> {
    match name {
        "queriesPerDay" => Some(about("perDay", "Queries")),
        "uploadsPerDay" => Some(about("perDay", "Video Uploads")),
        "searchPerDay" => Some(about("perDay", "Search Queries")),
        "notSupported" => Some(not_supported()),
        "html502" => {
            let page = "<!DOCTYPE html><html><title>Error 502 (Server Error)!!1</title></html>";
            Some(Failure::page(502, page))
        }
        name => known(name, ""),
    }
}

/// What a fault with nothing but a status answers.
pub(crate) fn plain(status: u16) -> Value {
    let failure = match status {
        401 => refused("authError"),
        403 => refused("forbidden"),
        404 => refused("videoNotFound"),
        429 => refused("perMinute"),
        status => failure(status, "global", "backendError", "Backend Error"),
    };
    failure.body
}
