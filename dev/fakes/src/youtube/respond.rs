//! Responses of the Data API: ETags, partial responses and compression.

use std::io::{self, Write as _};

use axum::{body::Body, response::Response};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{errors, fields::Selection};
use crate::{
    digest::short_id,
    failure::Failure,
    request::Head,
    response::{empty_response, json_response, with_header},
};

/// Responds with JSON: with an ETag, only the wanted fields, compressed when both headers ask for it.
pub(super) fn respond(head: &Head, mut value: Value) -> Result<Response, Failure> {
    let etag = match value.get("etag").and_then(Value::as_str) {
        Some("") => Some(short_id(&[&value.to_string()], 27)),
        etag => etag.map(str::to_owned),
    };
    if let Some(etag) = &etag {
        value["etag"] = json!(etag);
        let mut known = head.header("if-none-match").unwrap_or_default().split(',');
        if known.any(|known| known.trim().trim_matches('"') == etag) {
            return Ok(with_header(
                empty_response(304),
                "etag",
                &format!("\"{etag}\""),
            ));
        }
    }
    if let Some(fields) = head.param("fields") {
        let selection = Selection::parse(fields).ok_or_else(|| {
            errors::invalid_parameter("fields", &format!("Invalid field selection {fields}"))
        })?;
        value = selection.prune(value);
    }
    let mut response = json_response(200, &value);
    let names_gzip = |name: &str| {
        head.header(name)
            .is_some_and(|value| value.contains("gzip"))
    };
    if names_gzip("accept-encoding")
        && names_gzip("user-agent")
        && let Ok(packed) = gzip(&value.to_string())
    {
        *response.body_mut() = Body::from(packed);
        response = with_header(response, "content-encoding", "gzip");
    }
    if let Some(etag) = etag {
        response = with_header(response, "etag", &format!("\"{etag}\""));
    }
    Ok(response)
}

fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
