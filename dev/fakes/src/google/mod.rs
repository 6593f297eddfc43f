//! Google's consent page, token endpoint and revocation.

mod consent;
pub(crate) mod control;
pub(crate) mod store;
pub(crate) mod token;

use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::{
    Call, Caller, Failure, Head, World, field, form, google_not_found, json_response, lock,
};

const CONSENT: &str = "/o/oauth2/v2/auth";
const DISCOVERY: &str = "/.well-known/openid-configuration";

pub(crate) fn operation(head: &Head) -> &'static str {
    match head.path.as_str() {
        CONSENT => "consent",
        "/token" => "token",
        "/revoke" => "revoke",
        DISCOVERY => "discovery",
        _ => "unknown",
    }
}

/// Whose call it is: by `login_hint`, code, refresh token or token.
pub(crate) fn caller(world: &World, head: &Head, body: &[u8]) -> Caller {
    let fields = form(body);
    let field = |name: &str| field(&fields, name).or_else(|| head.param(name));
    let google = lock(&world.google);
    let by_code = || Some(google.codes.get(field("code")?)?.grant.account.as_str());
    let refresh = |name: &str| Some(google.refresh.get(field(name)?)?.grant.account.as_str());
    let account = if head.path == CONSENT {
        google.account_for(head.param("login_hint"))
    } else {
        by_code()
            .or_else(|| refresh("refresh_token"))
            .or_else(|| refresh("token"))
            .or_else(|| google.owner(field("token")?))
    };
    let channel = account.and_then(|name| google.accounts.get(name)?.channel.clone());
    Caller {
        account: account.map(str::to_owned),
        channel,
    }
}

pub(crate) fn handle(world: &World, call: &Call) -> Response {
    let respond = |result: Result<Value, Failure>| match result {
        Ok(body) => json_response(200, &body),
        Err(failure) => failure.into_response(),
    };
    match call.head.route() {
        ("GET", CONSENT) => consent::consent(world, &call.head),
        ("POST", "/token") => respond(token::token(world, call)),
        ("POST", "/revoke") => respond(token::revoke(world, call)),
        ("GET", DISCOVERY) => json_response(200, &discovery(&world.urls().google)),
        _ => google_not_found(),
    }
}

fn discovery(base: &str) -> Value {
    json!({
        "issuer": base, "authorization_endpoint": format!("{base}{CONSENT}"),
        "token_endpoint": format!("{base}/token"), "revocation_endpoint": format!("{base}/revoke"),
        "response_types_supported": ["code"], "code_challenge_methods_supported": ["plain", "S256"],
    })
}
