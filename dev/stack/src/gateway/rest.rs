//! `/rest/v1`: the Data API in the role that the keys of a request stand for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::api_key::{Caller, Key};
use super::state::Gateway;

pub(super) async fn handle(
    State(gateway): State<Arc<Gateway>>,
    caller: Caller,
    request: Request,
) -> Response {
    let Some(api) = gateway.data_api() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "The Data API is starting.").into_response();
    };
    let token = match (caller.token, caller.key) {
        (None, Key::Secret) => Some(gateway.secrets().service_role_key),
        (token, _) => token,
    };
    data_api::answer(&api, token, request).await
}
