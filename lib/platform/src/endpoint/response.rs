//! Problems as responses, and the headers that every answer carries.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_LENGTH,
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, ORIGIN, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Response, StatusCode};
use hyper::body::Body as _;
use url::Url;
use vercel_runtime::ResponseBody;
use xxhash_rust::xxh3::xxh3_128;

use super::{declaration::Caching, request::REQUEST_ID};
use crate::{config::Config, problem::Problem};

/// For a browser that shows an answer as a page.
const SECURITY: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains; preload",
    ),
    ("referrer-policy", "no-referrer"),
    // Names of hosts that a page links to are looked up when somebody follows the link, and not before.
    ("x-dns-prefetch-control", "off"),
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
            headers.extend(HeaderValue::from_str(allow).map(|value| (ALLOW, value)));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// Tells a program that was refused for its token where to get one (RFC 9728, 5.1).
pub(super) fn challenge(response: &mut Response<ResponseBody>, app: &Url, path: &str) {
    if response.status() != StatusCode::UNAUTHORIZED {
        return;
    }
    let mut metadata = app.clone();
    metadata.set_path(&format!("/.well-known/oauth-protected-resource{path}"));
    let value = format!("Bearer resource_metadata=\"{metadata}\"");
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
}

/// The answer to HEAD: what GET would answer, without its body (RFC 9110, 9.3.2).
pub(super) fn without_body(response: &mut Response<ResponseBody>) {
    if let Some(length) = response.body().size_hint().exact() {
        let headers = response.headers_mut();
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = ResponseBody::from(());
}

/// Headers that every answer carries. A handler's own `Cache-Control` is an explicit choice and stays.
pub(super) fn add_headers(
    response: &mut Response<ResponseBody>,
    request_id: &str,
    limit: Option<[(&'static str, String); 2]>,
) {
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(request_id).map(|value| (REQUEST_ID, value)));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in SECURITY {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    for (name, value) in limit.into_iter().flatten() {
        headers.extend(
            HeaderValue::from_str(&value).map(|value| (HeaderName::from_static(name), value)),
        );
    }
}

/// Tags an answer by its bytes, says how it may be kept, and sends it only to a client that does not have it.
pub(super) fn with_etag(
    mut response: Response<ResponseBody>,
    body: &Bytes,
    caching: Caching,
    if_none_match: Option<&HeaderValue>,
) -> Response<ResponseBody> {
    let versioned = response.headers().get(ETAG);
    let versioned = versioned.and_then(|tag| tag.to_str().ok());
    // It tells answers to one user apart, and nobody gains by finding two alike.
    let etag = versioned.map_or_else(|| format!("\"{:032x}\"", xxh3_128(body)), ToOwned::to_owned);
    let known = if_none_match.and_then(|tags| tags.to_str().ok());
    if names(known.unwrap_or_default(), &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = ResponseBody::from(());
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    let control = match caching {
        Caching::Revalidated => "private, no-cache",
        Caching::Kept => "private, max-age=5",
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(control));
    // Two people may use one browser.
    headers.append(VARY, HeaderValue::from_static("authorization"));
    response
}

/// Whether a list of entity tags holds one, whatever their strength (RFC 9110, 13.1.2).
pub(super) fn names(list: &str, etag: &str) -> bool {
    let mut tags = list.split(',').map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The request's origin when its pages may call this API: those of `FRONTEND_URL` and `CORS_ORIGINS`, and on the local
/// stack every page of this machine. Tokens travel in headers, never in cookies, so nothing else is needed.
pub(super) fn allowed_origin(config: &Config, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let text = origin.to_str().ok()?;
    let app = &config.app;
    let frontend = app.frontend_url.as_ref().map(Url::origin);
    let is_allowed = frontend.is_some_and(|frontend| frontend.ascii_serialization() == text)
        || app.cors_origins.iter().any(|pattern| pattern.allows(text))
        || is_local(&app.url) && is_local_origin(text);
    is_allowed.then(|| origin.clone())
}

/// Front ends are developed on whatever port is free.
fn is_local_origin(origin: &str) -> bool {
    Url::parse(origin)
        .is_ok_and(|url| is_local(&url) && url.origin().ascii_serialization() == origin)
}

fn is_local(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// The answer to `OPTIONS`: which methods there are and, through [`permit`], who may use them.
pub(super) fn preflight(allow: &str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(allow) {
        headers.insert(ALLOW, value.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, value);
    }
    response
}

/// Lets the front end read the answer.
pub(super) fn permit(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    headers.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = origin else {
        headers.remove(ACCESS_CONTROL_ALLOW_METHODS);
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let allowed = "authorization, content-type, idempotency-key, if-match, if-none-match, mcp-method, mcp-name, \
        mcp-protocol-version, x-request-id";
    let exposed = "age, etag, location, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-cache, x-request-id";
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(allowed),
    );
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(exposed),
    );
    // As long as any browser keeps it.
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
}
