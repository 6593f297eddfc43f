//! One request of `/rest/v1`.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::{Json, response::IntoResponse, response::Response};
use http::{HeaderValue, Method, StatusCode, Uri, header, response::Parts};
use serde_json::{Value, json};

use crate::database::DataApi;
use crate::null_arguments;

/// Parameters that pick no rows.
const NO_FILTERS: [&str; 7] = [
    "select",
    "order",
    "limit",
    "offset",
    "columns",
    "on_conflict",
    "apikey",
];

/// Answers in the role of this token, which takes the place of the request's own, or as `anon`.
pub async fn answer(api: &DataApi, token: Option<String>, mut request: Request) -> Response {
    if touches_all_rows(&request) {
        return unfiltered(request.method());
    }
    let bearer = token.map(|token| HeaderValue::try_from(format!("Bearer {token}")));
    let signed_in = bearer.is_some();
    request.headers_mut().remove(header::AUTHORIZATION);
    if let Some(Ok(bearer)) = bearer {
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    match target(request.uri()) {
        Some(uri) => *request.uri_mut() = uri,
        None => return StatusCode::BAD_REQUEST.into_response(),
    }
    let request = null_arguments::keep(request).await;
    let response = postrust_engine::handle(api, request).await.map(Body::from);
    match response.status() {
        StatusCode::UNAUTHORIZED if signed_in => forbidden(response).await,
        StatusCode::INTERNAL_SERVER_ERROR => unavailable(response).await,
        _ => response,
    }
}

/// The address without the gateway's prefix and the API key.
fn target(uri: &Uri) -> Option<Uri> {
    let path = uri
        .path()
        .strip_prefix("/rest/v1")
        .filter(|path| !path.is_empty());
    let query: Vec<&str> = parameters(uri)
        .filter(|pair| !pair.starts_with("apikey="))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", path.unwrap_or("/"), query.join("&"))
        .parse()
        .ok()
}

fn parameters(uri: &Uri) -> impl Iterator<Item = &str> {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs.filter(|pair| !pair.is_empty())
}

/// Hosted projects load `safeupdate` for API sessions: a change of a table needs a filter.
fn touches_all_rows(request: &Request) -> bool {
    let name = |pair: &str| {
        pair.split('=')
            .next()
            .is_some_and(|name| NO_FILTERS.contains(&name))
    };
    matches!(*request.method(), Method::PATCH | Method::DELETE)
        && !request.uri().path().starts_with("/rest/v1/rpc/")
        && parameters(request.uri()).all(name)
}

fn unfiltered(method: &Method) -> Response {
    let verb = if method == Method::DELETE {
        "DELETE"
    } else {
        "UPDATE"
    };
    let message = format!("{verb} requires a WHERE clause");
    let body = json!({ "code": "21000", "details": null, "hint": null, "message": message });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The parts of an error, and its code.
async fn read(response: Response) -> Option<(Parts, Bytes, String)> {
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, 64 * 1024).await.ok()?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    Some((
        head,
        bytes,
        body["code"].as_str().unwrap_or_default().to_owned(),
    ))
}

/// A connection to the database that broke is PGRST001 and 503 to PostgREST; postrust has codes of its own for it.
async fn unavailable(response: Response) -> Response {
    let Some((mut head, bytes, code)) = read(response).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if !matches!(code.as_str(), "PGRST500" | "PGRST900") {
        return Response::from_parts(head, bytes.into());
    }
    head.status = StatusCode::SERVICE_UNAVAILABLE;
    head.headers.remove(header::CONTENT_LENGTH);
    let body = json!({ "code": "PGRST001", "details": null, "hint": null, "message": "Database client error. Retrying the connection." });
    Response::from_parts(head, body.to_string().into())
}

/// PostgREST answers a missing privilege (42501) with 401 to those who did not sign in and with 403 to those who did;
/// postrust answers all of them with 401.
async fn forbidden(response: Response) -> Response {
    let Some((mut head, bytes, code)) = read(response).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if code == "42501" {
        head.status = StatusCode::FORBIDDEN;
        head.headers.remove(header::WWW_AUTHENTICATE);
    }
    Response::from_parts(head, bytes.into())
}
