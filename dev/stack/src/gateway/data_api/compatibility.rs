//! Where postrust answers otherwise than a hosted project's PostgREST.

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header, response::Parts};
use serde_json::{Value, json};

/// The response as PostgREST gives it.
pub(super) async fn as_postgrest(response: Response, signed_in: bool) -> Response {
    match response.status() {
        StatusCode::UNAUTHORIZED if signed_in => forbidden(response).await,
        StatusCode::INTERNAL_SERVER_ERROR => unavailable(response).await,
        _ => response,
    }
}

/// The parts of an error, and its code.
async fn read(response: Response) -> Option<(Parts, Bytes, Option<String>)> {
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, 64 * 1024).await.ok()?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    Some((head, bytes, body["code"].as_str().map(ToOwned::to_owned)))
}

/// A connection to the database that broke is PGRST001 and 503 to PostgREST; postrust has codes of its own for it.
async fn unavailable(response: Response) -> Response {
    let Some((mut head, bytes, code)) = read(response).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if !matches!(code.as_deref(), Some("PGRST500" | "PGRST900")) {
        return Response::from_parts(head, Body::from(bytes));
    }
    head.status = StatusCode::SERVICE_UNAVAILABLE;
    head.headers.remove(header::CONTENT_LENGTH);
    let body = json!({ "code": "PGRST001", "details": null, "hint": null, "message": "Database client error. Retrying the connection." });
    Response::from_parts(head, Body::from(body.to_string()))
}

/// PostgREST answers a missing privilege (42501) with 401 to those who did not sign in and with 403 to those who did;
/// postrust answers all of them with 401.
async fn forbidden(response: Response) -> Response {
    let Some((mut head, bytes, code)) = read(response).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if code.as_deref() == Some("42501") {
        head.status = StatusCode::FORBIDDEN;
        head.headers.remove(header::WWW_AUTHENTICATE);
    }
    Response::from_parts(head, Body::from(bytes))
}

/// Hosted projects load `safeupdate` for API sessions: a change of a table needs a filter.
pub(super) fn touches_all_rows(request: &Request) -> bool {
    const NO_FILTERS: [&str; 7] = [
        "select",
        "order",
        "limit",
        "offset",
        "columns",
        "on_conflict",
        "apikey",
    ];
    (request.method() == Method::PATCH || request.method() == Method::DELETE)
        && !request.uri().path().starts_with("/rest/v1/rpc/")
        && request
            .uri()
            .query()
            .unwrap_or_default()
            .split('&')
            .all(|pair| {
                pair.is_empty() || NO_FILTERS.contains(&pair.split('=').next().unwrap_or_default())
            })
}

pub(super) fn unfiltered(method: &Method) -> Response {
    let verb = if method == Method::DELETE {
        "DELETE"
    } else {
        "UPDATE"
    };
    let body = json!({ "code": "21000", "details": null, "hint": null, "message": format!("{verb} requires a WHERE clause") });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
