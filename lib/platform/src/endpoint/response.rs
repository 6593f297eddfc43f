//! Problems as responses, and the headers that every answer carries.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use vercel_runtime::ResponseBody;

use super::rate_limit::RateLimitDecision;
use super::request::REQUEST_ID;
use crate::problem::Problem;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// For a browser that shows an answer as a page.
const SECURITY: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains; preload",
    ),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// A problem as the client gets it; `allow` lists the verbs of the path.
pub(super) fn problem_response(
    problem: Problem,
    request_id: &str,
    allow: &str,
) -> Response<ResponseBody> {
    let kind = problem.kind();
    let retry_after = problem.retry_after_seconds();
    let body = serde_json::to_vec(&problem.into_body(request_id)).unwrap_or_default();
    let mut response = Response::new(ResponseBody::from(Bytes::from(body)));
    *response.status_mut() = kind.status();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    match kind.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            if let Ok(value) = HeaderValue::from_str(allow) {
                headers.insert(ALLOW, value);
            }
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// Headers that every answer carries. A handler's own `Cache-Control` is an explicit choice and stays.
pub(super) fn add_headers(
    response: &mut Response<ResponseBody>,
    request_id: &str,
    limit: Option<&RateLimitDecision>,
) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in SECURITY {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if let Some(limit) = limit.filter(|limit| limit.is_enforced()) {
        for (name, value) in [
            (RATE_LIMIT_POLICY, limit.policy()),
            (RATE_LIMIT, limit.state()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}
