//! The consent page.

use std::collections::BTreeSet;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::store::{Code, Google, Grant, expiry};
use crate::{HTML, Head, World, lock, text_response, with_header};

/// The error that the page shows, and its explanation.
type Invalid = (&'static str, &'static str);

/// The scope that nobody can untick.
pub(super) const SIGN_IN: &str = "openid";

const NO_ACCOUNT: Invalid = ("invalid_request", "No such account.");

struct ConsentRequest<'a> {
    client_id: &'a str,
    redirect_uri: &'a str,
    scopes: BTreeSet<String>,
    account: String,
}

pub(crate) fn consent(world: &World, head: &Head) -> Response {
    let mut google = lock(&world.google);
    let redirect = read(&google, head).and_then(|request| {
        let uri = request.redirect_uri;
        Ok(redirect_to(
            uri,
            &decide(world, &mut google, head, request)?,
        ))
    });
    redirect.unwrap_or_else(error_page)
}

fn read<'a>(google: &Google, head: &'a Head) -> Result<ConsentRequest<'a>, Invalid> {
    let missing = |text| ("invalid_request", text);
    let client_id = head.param("client_id").filter(|id| !id.is_empty());
    let client_id = client_id.ok_or(missing("Missing required parameter: client_id"))?;
    let client = google.clients.get(client_id);
    if client.is_none() && !google.clients.is_empty() {
        return Err(("invalid_client", "The OAuth client was not found."));
    }
    let redirect_uri = head.param("redirect_uri");
    let redirect_uri = redirect_uri.ok_or(missing("Missing required parameter: redirect_uri"))?;
    let registered = client.map_or(&[][..], |client| &client.redirect_uris);
    let is_registered = registered.is_empty() || registered.iter().any(|uri| uri == redirect_uri);
    if !is_registered || !may_be_registered(redirect_uri) {
        let text = "The redirect URI in the request does not match a registered one.";
        return Err(("redirect_uri_mismatch", text));
    }
    if head.param("response_type") != Some("code") {
        return Err(missing("Missing or unsupported parameter: response_type"));
    }
    let scopes = head.param("scope").unwrap_or_default().split_whitespace();
    let scopes: BTreeSet<String> = scopes.map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(missing("Missing required parameter: scope"));
    }
    let account = google.account_for(head.param("login_hint"));
    let account = account.ok_or(NO_ACCOUNT)?.to_owned();
    Ok(ConsentRequest {
        client_id,
        redirect_uri,
        scopes,
        account,
    })
}

/// Whether a redirect address may be registered at all.
fn may_be_registered(uri: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|uri| {
        let is_local = matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        (uri.scheme() == "https" || (uri.scheme() == "http" && is_local))
            && (uri.fragment(), uri.username(), uri.password()) == (None, "", None)
    })
}

/// What the account does: the parameters of the redirect.
fn decide(
    world: &World,
    google: &mut Google,
    head: &Head,
    request: ConsentRequest<'_>,
) -> Result<Vec<(&'static str, String)>, Invalid> {
    let state = head.param("state").map(|state| ("state", state.to_owned()));
    let account = google
        .accounts
        .get_mut(&request.account)
        .ok_or(NO_ACCOUNT)?;
    let mut scopes = request.scopes;
    scopes.retain(|scope| scope == SIGN_IN || account.grants_scope(scope));
    if account.refuses || scopes.iter().all(|scope| scope == SIGN_IN) {
        let denied = ("error", "access_denied".to_owned());
        return Ok([denied].into_iter().chain(state).collect());
    }
    let client_id = request.client_id.to_owned();
    let earlier = account.grants.entry(client_id.clone()).or_default();
    let is_new = earlier.is_empty() || !scopes.is_subset(earlier);
    let prompt = head.param("prompt").unwrap_or_default();
    if head.param("include_granted_scopes") == Some("true") {
        scopes.extend(earlier.iter().cloned());
    }
    earlier.extend(scopes.iter().cloned());
    let method = head.param("code_challenge_method").unwrap_or("plain");
    let challenge = head
        .param("code_challenge")
        .map(|text| format!("{method}:{text}"));
    let code = Code {
        grant: Grant {
            account: request.account,
            client_id,
            scopes,
        },
        redirect_uri: request.redirect_uri.to_owned(),
        challenge,
        offline: head.param("access_type") == Some("offline"),
        first: is_new || prompt.split(' ').any(|word| word == "consent"),
        expires_at: expiry(world.clock.now(), 600),
        used: false,
    };
    let mut pairs: Vec<(&str, String)> = state.into_iter().collect();
    pairs.extend(hand_out(google, world.seed, code));
    Ok(pairs)
}

/// Keeps a code and returns the parameters that hand it out.
fn hand_out(google: &mut Google, seed: u64, code: Code) -> Vec<(&'static str, String)> {
    let key = google.secret(seed, "fake-code");
    let mut pairs = vec![("code", key.clone())];
    if google.settings(&code.grant.account).scope_in_redirect {
        pairs.push(("scope", code.grant.scope()));
    }
    google.codes.insert(key, code);
    pairs
}

fn redirect_to(uri: &str, pairs: &[(&str, String)]) -> Response {
    match url::Url::parse_with_params(uri, pairs) {
        Ok(uri) => with_header(StatusCode::FOUND.into_response(), "location", uri.as_str()),
        Err(_) => error_page(("redirect_uri_mismatch", "Not a URI.")),
    }
}

fn error_page((error, explanation): Invalid) -> Response {
    let html = format!(
        "<!doctype html><html><head><title>Error 400: {error}</title></head><body><h1>Access blocked</h1>\
         <p>{explanation}</p><p>Error 400: {error}</p></body></html>"
    );
    text_response(400, HTML, html)
}
