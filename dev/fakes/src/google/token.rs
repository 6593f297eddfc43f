//! The token endpoint and revocation.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::consent::SIGN_IN;
use super::store::{AccessToken, Google, Grant, expiry};
use crate::{Call, Failure, World, field, form, lock};

/// The form of a token request and when it came.
struct TokenRequest {
    fields: Vec<(String, String)>,
    now: Timestamp,
    seed: u64,
}

impl TokenRequest {
    fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    fn client_id(&self) -> &str {
        self.field("client_id").unwrap_or_default()
    }
}

pub(crate) fn token(world: &World, call: &Call) -> Result<Value, Failure> {
    let request = TokenRequest {
        fields: form(&call.body),
        now: world.clock.now(),
        seed: world.seed,
    };
    let mut google = lock(&world.google);
    if !is_known_client(&google, &request) {
        return Err(invalid_client());
    }
    match request.field("grant_type") {
        Some("authorization_code") => exchange(&mut google, &request),
        Some("refresh_token") => renew(&mut google, &request),
        Some(_) => Err(oauth(400, "unsupported_grant_type", "Invalid grant_type")),
        None => Err(invalid_request("Required parameter is missing: grant_type")),
    }
}

fn is_known_client(google: &Google, request: &TokenRequest) -> bool {
    if google.clients.is_empty() {
        return !request.client_id().is_empty();
    }
    google
        .clients
        .get(request.client_id())
        .is_some_and(|client| {
            client.client_secret.is_none()
                || client.client_secret.as_deref() == request.field("client_secret")
        })
}

fn exchange(google: &mut Google, request: &TokenRequest) -> Result<Value, Failure> {
    let key = request.field("code");
    let key = key.ok_or_else(|| invalid_request("Required parameter is missing: code"))?;
    let code = google.codes.get(key).cloned().ok_or_else(invalid_grant)?;
    let grant = &code.grant;
    if code.used || code.expires_at <= request.now || grant.client_id != request.client_id() {
        return Err(invalid_grant());
    }
    if request.field("redirect_uri") != Some(&code.redirect_uri) {
        return Err(oauth(400, "redirect_uri_mismatch", "Bad Request"));
    }
    let challenge = code.challenge.as_deref();
    let challenge = challenge.filter(|_| google.settings(&grant.account).enforce_pkce);
    if challenge.is_some_and(|challenge| !verifies(challenge, request.field("code_verifier"))) {
        return Err(invalid_grant());
    }
    if let Some(code) = google.codes.get_mut(key) {
        code.used = true;
    }
    google.code_exchanges += 1;
    if let Some(account) = google.accounts.get_mut(&grant.account) {
        account.code_exchanges += 1;
    }
    let issue = || google.issue_refresh(request.seed, grant.clone(), request.now);
    let refresh = (code.offline && code.first).then(issue);
    Ok(tokens(google, request, code.grant, refresh))
}

/// Whether a verifier of a legal form makes this challenge.
fn verifies(challenge: &str, verifier: Option<&str>) -> bool {
    let (Some(verifier), Some((method, wanted))) = (verifier, challenge.split_once(':')) else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let legal = (43..=128).contains(&verifier.len()) && verifier.bytes().all(allowed);
    let made = if method == "S256" {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
    } else {
        verifier.to_owned()
    };
    legal && made == wanted
}

fn renew(google: &mut Google, request: &TokenRequest) -> Result<Value, Failure> {
    let key = request
        .field("refresh_token")
        .filter(|token| !token.is_empty());
    let key = key.ok_or_else(|| invalid_request("Missing required parameter: refresh_token"))?;
    let Some(refresh) = google.refresh.get(key).cloned() else {
        google.refused_refreshes += 1;
        return Err(invalid_grant());
    };
    let grant = refresh.grant;
    let settings = google.settings(&grant.account);
    let age = request.now.duration_since(refresh.issued_at).as_secs();
    if refresh.dead
        || settings
            .refresh_token_seconds
            .is_some_and(|life| age >= life)
        || grant.client_id != request.client_id()
        || !google.accounts.contains_key(&grant.account)
    {
        google.refused_refreshes += 1;
        return Err(dead_grant());
    }
    google.refreshes += 1;
    if let Some(account) = google.accounts.get_mut(&grant.account) {
        account.refreshes += 1;
    }
    let mut rotated = None;
    if settings.rotate_refresh_token {
        if let Some(old) = google.refresh.get_mut(key) {
            old.dead = true;
        }
        rotated = Some(google.issue_refresh(request.seed, grant.clone(), request.now));
    }
    Ok(tokens(google, request, grant, rotated))
}

/// Issues an access token and makes the body that hands the tokens out.
fn tokens(
    google: &mut Google,
    request: &TokenRequest,
    grant: Grant,
    refresh: Option<String>,
) -> Value {
    let settings = google.settings(&grant.account);
    let seconds = settings.access_token_seconds;
    let scope = grant.scope();
    let claims =
        json!({"iss": "https://accounts.google.com", "aud": grant.client_id, "sub": grant.account});
    let identity = grant.scopes.contains(SIGN_IN).then(|| id_token(&claims));
    let access = google.secret(request.seed, "fake-access");
    let expires_at = expiry(request.now, seconds);
    google
        .access
        .insert(access.clone(), AccessToken { grant, expires_at });
    let mut body = json!({"access_token": access, "expires_in": seconds, "scope": scope, "token_type": "Bearer"});
    if settings.expires_in_as_text {
        body["expires_in"] = json!(seconds.to_string());
    }
    if let Some(identity) = identity {
        body["id_token"] = json!(identity);
    }
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
        if let Some(life) = settings.refresh_token_seconds {
            body["refresh_token_expires_in"] = json!(life);
        }
    }
    body
}

/// An ID token, whose signature nobody checks who got it from here.
fn id_token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.signature",
        part(&json!({"alg": "RS256"})),
        part(claims)
    )
}

pub(crate) fn revoke(world: &World, call: &Call) -> Result<Value, Failure> {
    let fields = form(&call.body);
    let token = field(&fields, "token").or_else(|| call.head.param("token"));
    let token = token.ok_or_else(|| invalid_request("Bad Request"))?;
    let mut google = lock(&world.google);
    let owner = match google.refresh.get(token) {
        Some(refresh) => (!refresh.dead).then_some(refresh.grant.account.as_str()),
        None => google.owner(token),
    };
    let Some(account) = owner.map(str::to_owned) else {
        return Err(oauth(400, "invalid_token", "Token expired or revoked"));
    };
    google.revocations += 1;
    google.revoke_account(&account);
    Ok(json!({}))
}

pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Failure {
    Failure::new(
        status,
        json!({"error": error, "error_description": description}),
    )
}

pub(crate) fn invalid_grant() -> Failure {
    oauth(400, "invalid_grant", "Bad Request")
}

/// A refresh token that no longer works.
pub(crate) fn dead_grant() -> Failure {
    oauth(400, "invalid_grant", "Token has been expired or revoked.")
}

pub(crate) fn invalid_client() -> Failure {
    oauth(401, "invalid_client", "The OAuth client was not found.")
}

pub(crate) fn invalid_request(description: &str) -> Failure {
    oauth(400, "invalid_request", description)
}

/// An error by name, for faults.
pub(crate) fn named(name: &str) -> Option<Failure> {
    Some(match name {
        "invalid_grant" => dead_grant(),
        "invalid_rapt" => {
            let mut failure = oauth(400, "invalid_grant", "reauth related error (invalid_rapt)");
            failure.body["error_subtype"] = Value::from("invalid_rapt");
            failure
        }
        "invalid_client" => invalid_client(),
        "internal_failure" => Failure::new(500, json!({"error": "internal_failure"})),
        "unavailable" => Failure::page(503, "<html><title>503 Service Unavailable</title></html>"),
        _ => return None,
    })
}
