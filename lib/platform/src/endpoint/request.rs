//! What is read from a request before its handler runs.

use aws_lc_rs::digest;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, HeaderName, IF_MATCH};
use http_body_util::BodyExt;
use hyper::body::Body;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use uuid::Uuid;

use super::declaration::Declaration;
use crate::problem::{Kind, Problem};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How much of a body that is refused for its size is read: as much as the platform lets through.
const MAX_DRAINED: usize = 4_500_000;

/// The query's pairs without the copies of path placeholders that the platform appends.
pub(super) fn query_pairs(
    query: &str,
    declaration: &Declaration,
) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        // The path itself says what its placeholders stand for; a copy that cannot be decoded is no fault of the query.
        let name = decode(name);
        if declaration
            .placeholders()
            .any(|known| name.as_deref() == Some(known))
        {
            continue;
        }
        let (Some(name), Some(value)) = (name, decode(value)) else {
            return Err(Problem::new(Kind::InvalidQuery)
                .detail("The query string must be percent-encoded UTF-8 without U+0000."));
        };
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().ok()?;
    (!decoded.contains('\0')).then(|| decoded.into_owned())
}

/// The body, to its end, when it has at most `limit` bytes.
pub(super) async fn read_body<B>(
    limit: usize,
    headers: &HeaderMap,
    body: B,
) -> Result<Bytes, Problem>
where
    B: Body<Data = Bytes>,
    B::Error: Into<vercel_runtime::Error>,
{
    let too_large = || {
        Problem::new(Kind::BodyTooLarge).detail(format!("The body may have at most {limit} bytes."))
    };
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let announced: Option<usize> = length.and_then(|value| value.parse().ok());
    if announced.is_some_and(|length| length > MAX_DRAINED) {
        return Err(too_large());
    }
    // A body that is too large is still read to its end: a sender that is cut off while it sends sees a broken
    // connection instead of the answer.
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(0).min(limit));
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(Kind::InvalidJson)
                .detail("The body ended before it was complete.")
                .source(error)
        })?;
        if let Ok(data) = frame.into_data() {
            seen += data.len();
            if seen <= limit {
                bytes.extend_from_slice(&data);
            } else if seen > MAX_DRAINED {
                break;
            }
        }
    }
    if seen > limit {
        return Err(too_large());
    }
    Ok(bytes.freeze())
}

/// A request's `Idempotency-Key` and what it stands for. Passed to `engine` functions as `p_idempotency`.
#[derive(Clone, Debug, Serialize)]
pub struct Idempotency {
    /// The key, 1 to 255 printable ASCII characters.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
}

/// The request's idempotency key, on operations that honour it.
pub(super) fn idempotency(
    declaration: &Declaration,
    head: &http::request::Parts,
    body: &Bytes,
) -> Result<Option<Idempotency>, Problem> {
    let key = head.headers.get("idempotency-key");
    let Some(key) = key.filter(|_| declaration.idempotent) else {
        return Ok(None);
    };
    let is_key = |key: &&str| {
        (1..=255).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let key = key.to_str().ok().filter(is_key).ok_or_else(|| {
        Problem::new(Kind::InvalidHeader).detail(
            "Idempotency-Key must have 1 to 255 printable ASCII characters; a UUID is a good choice.",
        )
    })?;
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [
        head.method.as_str().as_bytes(),
        head.uri.path().as_bytes(),
        body,
    ] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    Ok(Some(Idempotency {
        key: key.to_owned(),
        fingerprint: clients::hex(context.finish().as_ref()),
    }))
}

/// The caller's request id when it is a modest token, otherwise a new one.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let given = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let modest = given.filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(plain));
    modest.map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned)
}

/// The version in `If-Match`; none when any will do.
pub(super) fn version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let value = value.to_str().unwrap_or_default().trim();
    if value == "*" {
        return Ok(None);
    }
    if !is_entity_tag(value) {
        let detail = "If-Match must hold an ETag with its quotation marks, for example \"v3-0123456789abcdef\", or *.";
        return Err(Problem::new(Kind::InvalidHeader).detail(detail));
    }
    let version = value
        .strip_prefix("\"v")
        .and_then(|rest| rest.strip_suffix('"'));
    // What follows the version tells two answers apart, not two versions.
    let version = version.map(|tag| tag.split_once('-').map_or(tag, |(version, _)| version));
    let version = version.and_then(|version| version.parse().ok());
    version.map(Some).ok_or_else(|| {
        Problem::new(Kind::VersionMismatch)
            .detail("If-Match must hold the ETag that the last read of this object gave.")
    })
}

/// One entity tag as RFC 9110 writes it, in ASCII.
fn is_entity_tag(value: &str) -> bool {
    let quoted = value.strip_prefix("W/").unwrap_or(value).strip_prefix('"');
    let tag = quoted.and_then(|tag| tag.strip_suffix('"'));
    tag.is_some_and(|tag| {
        tag.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"')
    })
}

#[cfg(test)]
mod tests;
