//! A request to the Data API: checks its keys, puts the role's token in their place and hands it on.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, Uri, header};

use super::{compatibility, null_arguments};
use crate::gateway::{
    api_key::{self, Key},
    state::Gateway,
};

/// Answers in the role that the keys of the request stand for.
pub(in crate::gateway) async fn handle(
    State(gateway): State<Arc<Gateway>>,
    mut request: Request,
) -> Response {
    let secrets = gateway.secrets();
    let shown = match api_key::check(&secrets, request.headers(), request.uri().query()) {
        Ok(shown) => shown,
        Err(refused) => return refused.into_response(),
    };
    let Some(api) = gateway.data_api() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "The Data API is starting.").into_response();
    };
    if compatibility::touches_all_rows(&request) {
        return compatibility::unfiltered(request.method());
    }
    let token = match (shown.token, shown.key) {
        (Some(token), _) => Some(token),
        (None, Key::Secret) => Some(secrets.service_role_key),
        (None, Key::Publishable) => None,
    };
    let signed_in = token.is_some();
    request.headers_mut().remove(header::AUTHORIZATION);
    if let Some(bearer) =
        token.and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok())
    {
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    match target(request.uri()) {
        Some(uri) => *request.uri_mut() = uri,
        None => return StatusCode::BAD_REQUEST.into_response(),
    }
    let request = null_arguments::keep(request).await;
    let response = postrust_engine::handle(&api.state, request)
        .await
        .map(Body::from);
    compatibility::as_postgrest(response, signed_in).await
}

/// The address without the gateway's prefix and the API key.
fn target(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_prefix("/rest/v1").unwrap_or_default();
    let path = if path.is_empty() { "/" } else { path };
    let query: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("apikey="))
        .collect();
    if query.is_empty() {
        return path.parse().ok();
    }
    format!("{path}?{}", query.join("&")).parse().ok()
}
