//! API keys, as the gateway of a hosted project treats them.

use std::sync::Arc;

use axum::{Json, extract::FromRequestParts};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use super::state::Gateway;
use crate::secrets::Secrets;

/// Whom an API key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A front end: role `anon` until somebody signs in.
    Publishable,
    /// A backend: role `service_role`.
    Secret,
}

/// Who calls, as the request shows.
#[derive(Debug)]
pub(super) struct Caller {
    /// The API key's kind.
    pub(super) key: Key,
    /// The token that decides the role, when one was sent.
    pub(super) token: Option<String>,
}

/// A request that the gateway turns away.
type Unauthorized = (StatusCode, Json<Value>);

fn unauthorized(message: &str, hint: &str) -> Unauthorized {
    let body = json!({ "message": message, "hint": hint });
    (StatusCode::UNAUTHORIZED, Json(body))
}

impl FromRequestParts<Arc<Gateway>> for Caller {
    type Rejection = Unauthorized;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Unauthorized> {
        let query = parts.uri.query().unwrap_or_default();
        let from_query = || {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix("apikey="))
        };
        let apikey = text(&parts.headers, "apikey")
            .or_else(from_query)
            .ok_or_else(|| {
                let hint = "No `apikey` request header or url param was found.";
                unauthorized("No API key found in request", hint)
            })?;
        check(&gateway.secrets(), &parts.headers, apikey)
    }
}

fn check(secrets: &Secrets, headers: &HeaderMap, apikey: &str) -> Result<Caller, Unauthorized> {
    let key = if [&secrets.publishable_key, &secrets.anon_key]
        .iter()
        .any(|key| *key == apikey)
    {
        Key::Publishable
    } else if [&secrets.secret_key, &secrets.service_role_key]
        .iter()
        .any(|key| *key == apikey)
    {
        Key::Secret
    } else {
        let hint = "Double check your Supabase `anon` or `service_role` API key.";
        return Err(unauthorized("Invalid API key", hint));
    };
    let browser = text(headers, "user-agent").is_some_and(|agent| agent.starts_with("Mozilla/"));
    if apikey == secrets.secret_key && browser {
        return Err(unauthorized(
            "Forbidden use of secret API key in browser",
            "Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.",
        ));
    }
    let token = bearer(headers).filter(|token| *token != apikey);
    if token.is_some_and(|token| token.starts_with("sb_")) {
        let hint = "An API key in the Authorization header must equal the `apikey` header.";
        return Err(unauthorized("Invalid API key", hint));
    }
    Ok(Caller {
        key,
        token: token.map(ToOwned::to_owned),
    })
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A header's text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
