//! Responses as Google's front ends write them, and refusals in a service's own words.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

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

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    /// Text is sent as it is, anything else as JSON.
    pub(crate) body: Value,
}

impl Failure {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body }
    }

    /// The HTML page of a proxy in front of the service.
    pub(crate) fn page(status: u16, html: &str) -> Self {
        Self::new(status, json!(html))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self.body {
            Value::String(text) if text.trim_start().starts_with('<') => {
                text_response(self.status, HTML, text)
            }
            Value::String(text) => text_response(self.status, "text/plain; charset=UTF-8", text),
            body => json_response(self.status, &body),
        }
    }
}
