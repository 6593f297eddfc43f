//! API keys, as the gateway of a hosted project treats them.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::secrets::Secrets;

/// Whom an API key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A front end: role `anon` until somebody signs in.
    Publishable,
    /// A backend: role `service_role`.
    Secret,
}

/// A request that the gateway turns away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unauthorized {
    message: &'static str,
    hint: &'static str,
}

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "message": self.message, "hint": self.hint })),
        )
            .into_response()
    }
}

/// What a request shows.
#[derive(Debug)]
pub(super) struct Credentials {
    /// The API key's kind.
    pub key: Key,
    /// The token that decides the role, when one was sent.
    pub token: Option<String>,
}

/// Checks the API key and the authorization of a request.
pub(super) fn check(
    secrets: &Secrets,
    headers: &HeaderMap,
    query: Option<&str>,
) -> Result<Credentials, Unauthorized> {
    let from_query = || {
        query.and_then(|query| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix("apikey="))
        })
    };
    let apikey = headers
        .get("apikey")
        .and_then(|value| value.to_str().ok())
        .or_else(from_query)
        .ok_or(Unauthorized {
            message: "No API key found in request",
            hint: "No `apikey` request header or url param was found.",
        })?;
    let key = classify(secrets, apikey).ok_or(Unauthorized {
        message: "Invalid API key",
        hint: "Double check your Supabase `anon` or `service_role` API key.",
    })?;
    let browser = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|agent| agent.starts_with("Mozilla/"));
    if apikey == secrets.secret_key && browser {
        return Err(Unauthorized {
            message: "Forbidden use of secret API key in browser",
            hint: "Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.",
        });
    }
    let token = match bearer(headers) {
        Some(token) if token == apikey => None,
        Some(token) if token.starts_with("sb_") => {
            return Err(Unauthorized {
                message: "Invalid API key",
                hint: "An API key in the Authorization header must equal the `apikey` header.",
            });
        }
        Some(token) => Some(token.to_owned()),
        None => None,
    };
    Ok(Credentials { key, token })
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::to_str)?
        .ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

fn classify(secrets: &Secrets, key: &str) -> Option<Key> {
    if key == secrets.publishable_key || key == secrets.anon_key {
        Some(Key::Publishable)
    } else if key == secrets.secret_key || key == secrets.service_role_key {
        Some(Key::Secret)
    } else {
        None
    }
}
