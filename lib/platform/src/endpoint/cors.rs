//! Calls from the front end's own origin, `FRONTEND_URL`. Every other origin gets no permission; tokens travel in headers,
//! never in cookies, so nothing else is needed.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use vercel_runtime::ResponseBody;

use crate::config::Config;

/// The request's origin when it is the front end's.
pub(super) fn allowed_origin(config: &Config, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let frontend = config
        .app
        .frontend_url
        .as_ref()?
        .origin()
        .ascii_serialization();
    (origin.as_bytes() == frontend.as_bytes()).then(|| origin.clone())
}

/// The answer to `OPTIONS`: which methods there are and, through [`permit`], who may use them.
pub(super) fn preflight(method: &Method, allow: &str) -> Option<Response<ResponseBody>> {
    if method != Method::OPTIONS {
        return None;
    }
    let mut response = Response::new(ResponseBody::from(()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(allow) {
        headers.insert(ALLOW, value.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, value);
    }
    Some(response)
}

/// Lets the front end read the answer.
pub(super) fn permit(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    headers.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = origin else {
        headers.remove(ACCESS_CONTROL_ALLOW_METHODS);
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id",
        ),
    );
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "age, etag, location, ratelimit, ratelimit-policy, retry-after, x-cache, x-request-id",
        ),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}
