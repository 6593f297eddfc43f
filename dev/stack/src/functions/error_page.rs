//! Error pages of the platform: never ours, never JSON.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

pub(super) fn not_found() -> Response {
    error_page(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "The page could not be found",
    )
}

pub(super) fn too_large() -> Response {
    error_page(
        StatusCode::PAYLOAD_TOO_LARGE,
        "FUNCTION_PAYLOAD_TOO_LARGE",
        "Request Entity Too Large",
    )
}

pub(super) fn read_only() -> Response {
    let mut response = error_page(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "A file can only be read",
    );
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

pub(super) fn error_page(status: StatusCode, code: &'static str, text: &str) -> Response {
    let id = invocation_id();
    let mut response = (
        status,
        [("x-vercel-error", code)],
        format!("{text}\n\n{code}\n\n{id}\n"),
    )
        .into_response();
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-vercel-id", id);
    }
    response
}

pub(super) fn invocation_id() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    format!(
        "dev1::{}-{now}-{:012x}",
        fastrand::alphanumeric(),
        fastrand::u64(..) >> 16
    )
}
