//! Google's consent page, token endpoint and revocation.

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, response::Response};
use base64::Engine as _;
use http::{HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    server::{Call, Caller, Head, form, json_answer, lock, read, text_answer},
    world::{Knobs, World, short_id},
    youtube::NewChannel,
};

/// The account that consents when a request names none.
pub(crate) const DEFAULT_ACCOUNT: &str = "creator";

/// Accounts, what they granted to whom, and the tokens that came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Google {
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Registered clients; while there are none, every client id is taken for good.
    clients: BTreeMap<String, Client>,
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    pub(crate) knobs: Knobs,
    serial: u64,
    code_exchanges: u64,
    refreshes: u64,
    revocations: u64,
    refused_refreshes: u64,
}

/// A person at Google.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) channel: Option<String>,
    /// What the consent page does.
    pub(crate) refuses: bool,
    /// The scopes this person leaves ticked; all when absent.
    pub(crate) scopes_granted: Option<Vec<String>>,
    /// Grants by client id.
    grants: BTreeMap<String, BTreeSet<String>>,
    refreshes: u64,
    code_exchanges: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    client_secret: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Code {
    account: String,
    client_id: String,
    redirect_uri: String,
    scopes: BTreeSet<String>,
    challenge: Option<String>,
    offline: bool,
    first: bool,
    expires_at: Timestamp,
    used: bool,
}

/// A live access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) account: String,
    pub(crate) client_id: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) expires_at: Timestamp,
    refresh: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Refresh {
    account: String,
    client_id: String,
    scopes: BTreeSet<String>,
    issued_at: Timestamp,
    dead: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Life of an access token.
    access_token_seconds: i64,
    /// Life of a refresh token, as for projects in "Testing"; none without it.
    refresh_token_seconds: Option<i64>,
    /// Whether the redirect also carries `scope`.
    scope_in_redirect: bool,
    /// Whether a wrong or missing verifier is refused when the code came with a challenge.
    enforce_pkce: bool,
    /// Whether a refresh answers with a new refresh token too.
    rotate_refresh_token: bool,
    /// Whether `expires_in` is text, as some client libraries allow for.
    expires_in_as_text: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token_seconds: 3599,
            refresh_token_seconds: None,
            scope_in_redirect: false,
            enforce_pkce: true,
            rotate_refresh_token: false,
            expires_in_as_text: false,
        }
    }
}

impl Google {
    fn settings(&self, account: Option<&str>) -> Settings {
        self.knobs
            .read(|key| Some(key) == account)
            .unwrap_or_default()
    }

    /// The owner of an access token, if it still lives.
    pub(crate) fn access(&self, token: &str, now: Timestamp) -> Option<&Access> {
        self.access
            .get(token)
            .filter(|access| access.expires_at > now)
    }

    /// The owner of an access token, alive or not.
    pub(crate) fn owner(&self, token: &str) -> Option<&str> {
        self.access.get(token).map(|access| access.account.as_str())
    }

    fn secret(&mut self, seed: u64, kind: &str) -> String {
        self.serial += 1;
        let body = short_id(&[kind, &seed.to_string(), &self.serial.to_string()], 40);
        format!("{kind}.{body}")
    }

    fn issue(
        &mut self,
        seed: u64,
        now: Timestamp,
        account: &str,
        client: &str,
        scopes: &BTreeSet<String>,
        refresh: Option<String>,
    ) -> (String, i64) {
        let seconds = self.settings(Some(account)).access_token_seconds;
        let token = self.secret(seed, "fake-access");
        let access = Access {
            account: account.to_owned(),
            client_id: client.to_owned(),
            scopes: scopes.clone(),
            expires_at: now
                .checked_add(SignedDuration::from_secs(seconds))
                .unwrap_or(Timestamp::MAX),
            refresh,
        };
        self.access.insert(token.clone(), access);
        (token, seconds)
    }

    fn revoke_account(&mut self, account: &str) {
        for refresh in self
            .refresh
            .values_mut()
            .filter(|refresh| refresh.account == account)
        {
            refresh.dead = true;
        }
        self.access.retain(|_, access| access.account != account);
        if let Some(account) = self.accounts.get_mut(account) {
            account.grants.clear();
        }
    }
}

pub(crate) fn operations(head: &Head) -> Vec<&'static str> {
    vec![match head.path.as_str() {
        "/o/oauth2/v2/auth" => "consent",
        "/token" => "token",
        "/revoke" => "revoke",
        "/.well-known/openid-configuration" => "discovery",
        _ => "unknown",
    }]
}

/// Whose call it is: by `login_hint`, code, refresh token or token.
pub(crate) fn caller(world: &World, head: &Head, body: &[u8]) -> Caller {
    let fields = form(body);
    let field = |name: &str| {
        let given = fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        given.or_else(|| head.param(name))
    };
    let google = lock(&world.google);
    let account = if head.path == "/o/oauth2/v2/auth" {
        account_for(&google, head.param("login_hint"))
    } else {
        field("code")
            .and_then(|code| google.codes.get(code).map(|code| code.account.clone()))
            .or_else(|| {
                field("refresh_token")
                    .and_then(|token| google.refresh.get(token).map(|token| token.account.clone()))
            })
            .or_else(|| {
                let token = field("token")?;
                let refresh = google.refresh.get(token).map(|token| token.account.clone());
                refresh.or_else(|| google.owner(token).map(str::to_owned))
            })
    };
    let channel = account
        .as_ref()
        .and_then(|name| google.accounts.get(name)?.channel.clone());
    Caller { account, channel }
}

/// An e-mail address of nobody we know is the default account's; any other unknown name is nobody.
fn account_for(google: &Google, hint: Option<&str>) -> Option<String> {
    match hint {
        None | Some("") => Some(DEFAULT_ACCOUNT.to_owned()),
        Some(name) if google.accounts.contains_key(name) => Some(name.to_owned()),
        Some(name) => {
            let local = name.split_once('@')?.0;
            Some(
                if google.accounts.contains_key(local) {
                    local
                } else {
                    DEFAULT_ACCOUNT
                }
                .to_owned(),
            )
        }
    }
}

pub(crate) fn handle(world: &World, call: &Call) -> Response {
    match (call.head.method.as_str(), call.head.path.as_str()) {
        ("GET", "/o/oauth2/v2/auth") => consent(world, &call.head),
        ("POST", "/token") => token(world, call),
        ("POST", "/revoke") => revoke(world, call),
        ("GET", "/.well-known/openid-configuration") => {
            let base = world.urls().google;
            json_answer(
                200,
                &json!({
                    "issuer": base, "authorization_endpoint": format!("{base}/o/oauth2/v2/auth"),
                    "token_endpoint": format!("{base}/token"), "revocation_endpoint": format!("{base}/revoke"),
                    "response_types_supported": ["code"], "code_challenge_methods_supported": ["plain", "S256"],
                }),
            )
        }
        _ => text_answer(
            404,
            "text/html; charset=UTF-8",
            "<html><title>Error 404 (Not Found)!!1</title></html>",
        ),
    }
}

fn page(error: &str, explanation: &str) -> Response {
    let html = format!(
        "<!doctype html><html><head><title>Error 400: {error}</title></head><body><h1>Access blocked</h1>\
         <p>{explanation}</p><p>Error 400: {error}</p></body></html>"
    );
    text_answer(400, "text/html; charset=UTF-8", html)
}

/// Whether a redirect address may be registered at all.
fn redirect_is_allowed(uri: &str) -> bool {
    let Ok(uri) = url::Url::parse(uri) else {
        return false;
    };
    let local = matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    (uri.scheme() == "https" || (uri.scheme() == "http" && local))
        && uri.fragment().is_none()
        && uri.username().is_empty()
        && uri.password().is_none()
}

fn consent(world: &World, head: &Head) -> Response {
    let now = world.clock.now();
    let mut google = lock(&world.google);
    let Some(client_id) = head.param("client_id").filter(|id| !id.is_empty()) else {
        return page("invalid_request", "Missing required parameter: client_id");
    };
    if !google.clients.is_empty() && !google.clients.contains_key(client_id) {
        return page("invalid_client", "The OAuth client was not found.");
    }
    let Some(redirect_uri) = head.param("redirect_uri") else {
        return page(
            "invalid_request",
            "Missing required parameter: redirect_uri",
        );
    };
    let registered = google
        .clients
        .get(client_id)
        .map(|client| &client.redirect_uris)
        .filter(|uris| !uris.is_empty());
    if !redirect_is_allowed(redirect_uri)
        || registered.is_some_and(|uris| !uris.iter().any(|uri| uri == redirect_uri))
    {
        return page(
            "redirect_uri_mismatch",
            "The redirect URI in the request does not match a registered one.",
        );
    }
    if head.param("response_type") != Some("code") {
        return page(
            "invalid_request",
            "Missing or unsupported parameter: response_type",
        );
    }
    let asked: BTreeSet<String> = head
        .param("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if asked.is_empty() {
        return page("invalid_request", "Missing required parameter: scope");
    }
    let Some(name) = account_for(&google, head.param("login_hint")) else {
        return page("invalid_request", "No such account.");
    };
    let settings = google.settings(Some(&name));
    let Some(account) = google.accounts.get_mut(&name) else {
        return page("invalid_request", "No such account.");
    };

    let mut answer: Vec<(&str, String)> = Vec::new();
    if let Some(state) = head.param("state") {
        answer.push(("state", state.to_owned()));
    }
    if account.refuses {
        answer.insert(0, ("error", "access_denied".to_owned()));
        return redirect(redirect_uri, &answer);
    }
    let mut granted = match &account.scopes_granted {
        None => asked,
        Some(ticked) => asked
            .into_iter()
            .filter(|scope| {
                ticked
                    .iter()
                    .any(|ticked| scope == ticked || scope.rsplit('/').next() == Some(ticked))
            })
            .collect(),
    };
    if granted.is_empty() {
        answer.insert(0, ("error", "access_denied".to_owned()));
        return redirect(redirect_uri, &answer);
    }
    let earlier = account.grants.entry(client_id.to_owned()).or_default();
    let first = earlier.is_empty() || !granted.is_subset(earlier);
    let asked_again = head
        .param("prompt")
        .is_some_and(|prompt| prompt.split(' ').any(|word| word == "consent"));
    if head.param("include_granted_scopes") == Some("true") {
        granted.extend(earlier.iter().cloned());
    }
    earlier.extend(granted.iter().cloned());
    let challenge = head.param("code_challenge").map(|challenge| {
        let method = head.param("code_challenge_method").unwrap_or("plain");
        format!("{method}:{challenge}")
    });
    let code = Code {
        account: name,
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge,
        offline: head.param("access_type") == Some("offline"),
        first: first || asked_again,
        expires_at: now
            .checked_add(SignedDuration::from_mins(10))
            .unwrap_or(Timestamp::MAX),
        used: false,
        scopes: granted,
    };
    let key = google.secret(world.seed, "fake-code");
    answer.push(("code", key.clone()));
    if settings.scope_in_redirect {
        answer.push(("scope", joined(&code.scopes)));
    }
    google.codes.insert(key, code);
    redirect(redirect_uri, &answer)
}

fn joined(scopes: &BTreeSet<String>) -> String {
    scopes
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn redirect(uri: &str, pairs: &[(&str, String)]) -> Response {
    let Ok(mut uri) = url::Url::parse(uri) else {
        return page("redirect_uri_mismatch", "Not a URI.");
    };
    uri.query_pairs_mut().extend_pairs(pairs);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(value) = HeaderValue::try_from(uri.as_str()) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

fn oauth_error(status: u16, error: &str, description: &str) -> Response {
    json_answer(
        status,
        &json!({"error": error, "error_description": description}),
    )
}

fn token(world: &World, call: &Call) -> Response {
    let now = world.clock.now();
    let fields = form(&call.body);
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let mut google = lock(&world.google);
    let client_id = field("client_id").unwrap_or_default().to_owned();
    let known = if google.clients.is_empty() {
        !client_id.is_empty()
    } else {
        google.clients.get(&client_id).is_some_and(|client| {
            client
                .client_secret
                .as_deref()
                .is_none_or(|secret| field("client_secret") == Some(secret))
        })
    };
    if !known {
        return oauth_error(401, "invalid_client", "The OAuth client was not found.");
    }
    match field("grant_type") {
        Some("authorization_code") => exchange(world, &mut google, now, &client_id, &field),
        Some("refresh_token") => renew(world, &mut google, now, &client_id, &field),
        Some(_) => oauth_error(400, "unsupported_grant_type", "Invalid grant_type"),
        None => oauth_error(
            400,
            "invalid_request",
            "Required parameter is missing: grant_type",
        ),
    }
}

fn exchange<'a>(
    world: &World,
    google: &mut Google,
    now: Timestamp,
    client_id: &str,
    field: &impl Fn(&str) -> Option<&'a str>,
) -> Response {
    let bad = || oauth_error(400, "invalid_grant", "Bad Request");
    let Some(key) = field("code") else {
        return oauth_error(
            400,
            "invalid_request",
            "Required parameter is missing: code",
        );
    };
    let Some(code) = google.codes.get(key).cloned() else {
        return bad();
    };
    let settings = google.settings(Some(&code.account));
    if code.used || code.expires_at <= now || code.client_id != client_id {
        return bad();
    }
    if field("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return oauth_error(400, "redirect_uri_mismatch", "Bad Request");
    }
    if settings.enforce_pkce
        && code
            .challenge
            .as_deref()
            .is_some_and(|challenge| !verifies(challenge, field("code_verifier")))
    {
        return bad();
    }
    if let Some(code) = google.codes.get_mut(key) {
        code.used = true;
    }
    google.code_exchanges += 1;
    let refresh = (code.offline && code.first).then(|| {
        let key = google.secret(world.seed, "fake-refresh");
        let refresh = Refresh {
            account: code.account.clone(),
            client_id: client_id.to_owned(),
            scopes: code.scopes.clone(),
            issued_at: now,
            dead: false,
        };
        google.refresh.insert(key.clone(), refresh);
        key
    });
    if let Some(account) = google.accounts.get_mut(&code.account) {
        account.code_exchanges += 1;
    }
    let (access, seconds) = google.issue(
        world.seed,
        now,
        &code.account,
        client_id,
        &code.scopes,
        refresh.clone(),
    );
    token_answer(
        &settings,
        &access,
        seconds,
        refresh.as_deref(),
        &code.scopes,
    )
}

fn verifies(challenge: &str, verifier: Option<&str>) -> bool {
    let Some(verifier) = verifier else {
        return false;
    };
    let legal = (43..=128).contains(&verifier.len())
        && verifier
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    match challenge.split_once(':') {
        Some(("S256", wanted)) => {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
            legal
                && base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest.as_ref())
                    == wanted
        }
        Some((_, wanted)) => legal && verifier == wanted,
        None => false,
    }
}

fn renew<'a>(
    world: &World,
    google: &mut Google,
    now: Timestamp,
    client_id: &str,
    field: &impl Fn(&str) -> Option<&'a str>,
) -> Response {
    let Some(key) = field("refresh_token").filter(|token| !token.is_empty()) else {
        return oauth_error(
            400,
            "invalid_request",
            "Missing required parameter: refresh_token",
        );
    };
    let dead = || oauth_error(400, "invalid_grant", "Token has been expired or revoked.");
    let Some(refresh) = google.refresh.get(key).cloned() else {
        google.refused_refreshes += 1;
        return oauth_error(400, "invalid_grant", "Bad Request");
    };
    let settings = google.settings(Some(&refresh.account));
    let old = settings
        .refresh_token_seconds
        .is_some_and(|life| now.duration_since(refresh.issued_at).as_secs() >= life);
    if refresh.dead
        || old
        || refresh.client_id != client_id
        || !google.accounts.contains_key(&refresh.account)
    {
        google.refused_refreshes += 1;
        return dead();
    }
    google.refreshes += 1;
    if let Some(account) = google.accounts.get_mut(&refresh.account) {
        account.refreshes += 1;
    }
    let (access, seconds) = google.issue(
        world.seed,
        now,
        &refresh.account,
        client_id,
        &refresh.scopes,
        Some(key.to_owned()),
    );
    let rotated = settings.rotate_refresh_token.then(|| {
        let fresh = google.secret(world.seed, "fake-refresh");
        google.refresh.insert(
            fresh.clone(),
            Refresh {
                issued_at: now,
                ..refresh.clone()
            },
        );
        if let Some(old) = google.refresh.get_mut(key) {
            old.dead = true;
        }
        fresh
    });
    token_answer(
        &settings,
        &access,
        seconds,
        rotated.as_deref(),
        &refresh.scopes,
    )
}

fn token_answer(
    settings: &Settings,
    access: &str,
    seconds: i64,
    refresh: Option<&str>,
    scopes: &BTreeSet<String>,
) -> Response {
    let expires_in = if settings.expires_in_as_text {
        json!(seconds.to_string())
    } else {
        json!(seconds)
    };
    let mut body = json!({"access_token": access, "expires_in": expires_in, "scope": joined(scopes), "token_type": "Bearer"});
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
        if let Some(life) = settings.refresh_token_seconds {
            body["refresh_token_expires_in"] = json!(life);
        }
    }
    json_answer(200, &body)
}

fn revoke(world: &World, call: &Call) -> Response {
    let fields = form(&call.body);
    let given = fields
        .iter()
        .find(|(key, _)| key == "token")
        .map(|(_, value)| value.as_str());
    let Some(token) = given.or_else(|| call.head.param("token")) else {
        return oauth_error(400, "invalid_request", "Bad Request");
    };
    let mut google = lock(&world.google);
    let owner = match google.refresh.get(token) {
        Some(refresh) if !refresh.dead => Some(refresh.account.clone()),
        Some(_) => None,
        None => google.owner(token).map(str::to_owned),
    };
    let Some(account) = owner else {
        return oauth_error(400, "invalid_token", "Token expired or revoked");
    };
    google.revocations += 1;
    google.revoke_account(&account);
    json_answer(200, &json!({}))
}

pub(crate) fn named_error(name: &str) -> Option<(u16, Value)> {
    Some(match name {
        "invalid_grant" => (
            400,
            json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}),
        ),
        "invalid_rapt" => (
            400,
            json!({"error": "invalid_grant", "error_subtype": "invalid_rapt", "error_description": "reauth related error (invalid_rapt)"}),
        ),
        "invalid_client" => (
            401,
            json!({"error": "invalid_client", "error_description": "The OAuth client was not found."}),
        ),
        "internal_failure" => (500, json!({"error": "internal_failure"})),
        "unavailable" => (
            503,
            json!("<html><title>503 Service Unavailable</title></html>"),
        ),
        _ => return None,
    })
}

pub(crate) fn state(world: &World) -> Value {
    let google = lock(&world.google);
    let accounts: Map<String, Value> = google
        .accounts
        .iter()
        .map(|(name, account)| {
            let live = google.refresh.values().filter(|token| &token.account == name && !token.dead).count();
            let issued = google.refresh.values().filter(|token| &token.account == name).count();
            let scopes: BTreeSet<&String> = account.grants.values().flatten().collect();
            let facts = json!({
                "channel": account.channel, "granted_scopes": scopes, "refresh_tokens_live": live, "refresh_tokens_issued": issued,
                "refreshes": account.refreshes, "code_exchanges": account.code_exchanges,
            });
            (name.clone(), facts)
        })
        .collect();
    json!({
        "now": world.clock.now().to_string(), "accounts": accounts, "code_exchanges": google.code_exchanges,
        "refreshes": google.refreshes, "refused_refreshes": google.refused_refreshes, "revocations": google.revocations,
    })
}

/// `POST /_control/accounts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    pub(crate) account: String,
    #[serde(default)]
    pub(crate) channel: NewChannel,
    pub(crate) scopes_granted: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) no_channel: bool,
    #[serde(default)]
    pub(crate) refuses: bool,
}

/// Makes an account and its channel; one of the same name is replaced, its grants and tokens with it.
pub(crate) fn create_account(world: &World, new: NewAccount) -> Result<Value, String> {
    if new.account.is_empty() || new.account.contains('@') {
        return Err("`account` must be a name without `@`".to_owned());
    }
    let channel = if new.no_channel {
        None
    } else {
        Some(crate::youtube::create_channel(
            world,
            &new.account,
            new.channel,
        )?)
    };
    let mut google = lock(&world.google);
    google.revoke_account(&new.account);
    let account = Account {
        channel: channel
            .as_ref()
            .and_then(|channel| channel["id"].as_str().map(str::to_owned)),
        refuses: new.refuses,
        scopes_granted: new.scopes_granted,
        ..Account::default()
    };
    google.accounts.insert(new.account.clone(), account);
    Ok(json!({"account": new.account, "channel": channel}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeAccount {
    refuses: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    scopes_granted: Option<Option<Vec<String>>>,
    #[serde(default)]
    revoke: bool,
    #[serde(default)]
    expire_access_tokens: bool,
    /// Move the account to another channel (an account may have several).
    channel: Option<String>,
}

fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

pub(crate) fn control(world: &World, head: &Head, body: &[u8]) -> Option<Result<Value, String>> {
    let rest = head.path.strip_prefix("/_control/")?;
    match (head.method.as_str(), rest) {
        ("POST", "accounts") => Some(read(body).and_then(|new| create_account(world, new))),
        ("POST", "knobs") => Some(
            read(body)
                .and_then(|change| lock(&world.google).knobs.set::<Settings>("account", change)),
        ),
        ("DELETE", "knobs") => {
            lock(&world.google).knobs.clear(head.param("account"));
            Some(Ok(json!({})))
        }
        ("POST", "clients") => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct New {
                client_id: String,
                client_secret: Option<String>,
                #[serde(default)]
                redirect_uris: Vec<String>,
            }
            Some(read::<New>(body).map(|new| {
                let client = Client {
                    client_secret: new.client_secret,
                    redirect_uris: new.redirect_uris,
                };
                lock(&world.google).clients.insert(new.client_id, client);
                json!({})
            }))
        }
        (method, _) => {
            let name = rest.strip_prefix("accounts/")?;
            let mut google = lock(&world.google);
            if !google.accounts.contains_key(name) {
                return Some(Err("no such account".to_owned()));
            }
            match method {
                "GET" => None,
                "DELETE" => {
                    google.revoke_account(name);
                    let gone = google.accounts.remove(name);
                    if let Some(channel) = gone.and_then(|account| account.channel) {
                        drop(google);
                        lock(&world.youtube).remove_channel(&channel);
                    }
                    Some(Ok(json!({})))
                }
                "POST" | "PATCH" => Some(read::<ChangeAccount>(body).map(|change| {
                    if change.revoke {
                        google.revoke_account(name);
                    }
                    if change.expire_access_tokens {
                        let now = world.clock.now();
                        for access in google
                            .access
                            .values_mut()
                            .filter(|access| access.account == name)
                        {
                            access.expires_at = now;
                        }
                    }
                    if let Some(account) = google.accounts.get_mut(name) {
                        if let Some(refuses) = change.refuses {
                            account.refuses = refuses;
                        }
                        if let Some(scopes) = change.scopes_granted {
                            account.scopes_granted = scopes;
                        }
                        if let Some(channel) = change.channel {
                            account.channel = Some(channel);
                        }
                    }
                    json!({})
                })),
                _ => None,
            }
        }
    }
}
