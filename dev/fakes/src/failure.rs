//! A refusal by a service, in the service's own words.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::response::{HTML, json_response, text_response};

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
