//! Responses as Google's front ends write them.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

pub(crate) const HTML: &str = "text/html; charset=UTF-8";

pub(crate) fn json_response(status: u16, body: &Value) -> Response {
    text_response(status, "application/json; charset=UTF-8", body.to_string())
}

pub(crate) fn text_response(status: u16, mime: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(CONTENT_TYPE, mime)], body.into()).into_response()
}

/// A response without a body, which says so.
pub(crate) fn empty_response(status: u16) -> Response {
    let response = text_response(status, "text/plain; charset=UTF-8", Body::empty());
    with_header(response, "content-length", "0")
}

/// What Google's servers say of a path that they do not know.
pub(crate) fn google_not_found() -> Response {
    text_response(
        404,
        HTML,
        "<html><title>Error 404 (Not Found)!!1</title></html>",
    )
}

pub(crate) fn with_header(mut response: Response, name: &str, value: &str) -> Response {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().insert(name, value);
    }
    response
}
