//! Tokens as Google hands them out, and what their scopes let us do.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::error::Error;

pub(super) const SCOPE_PREFIX: &str = "https://www.googleapis.com/auth/";

/// What we ask the user for: reading, uploading, managing (publishing needs it) and Analytics.
pub const SCOPES: [&str; 4] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/yt-analytics.readonly",
];

/// Asked for besides: it cannot be unticked, and names the Google account whose grants end together.
pub(super) const SIGN_IN: &str = "openid";

/// What the granted scopes allow, by name. The user may untick any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Features {
    /// Read the catalogue and its counters.
    pub read: bool,
    /// Upload videos and thumbnails.
    pub upload: bool,
    /// Publish, change and delete videos.
    pub manage: bool,
    /// Read Analytics: formats, daily curves, retention.
    pub analytics: bool,
}

impl Features {
    /// Reads the granted scopes, in whatever order and company they come.
    pub fn of(scopes: &[String]) -> Self {
        let names = scopes
            .iter()
            .filter_map(|scope| scope.strip_prefix(SCOPE_PREFIX));
        let any = |wanted: &[&str]| names.clone().any(|name| wanted.contains(&name));
        let read = any(&["youtube.readonly", "youtube", "youtube.force-ssl"]);
        Self {
            read,
            upload: any(&["youtube.upload", "youtube", "youtube.force-ssl"]),
            manage: any(&["youtube", "youtube.force-ssl"]),
            analytics: read && any(&["yt-analytics.readonly"]),
        }
    }

    /// Names of the features that are off.
    pub fn missing(self) -> Vec<&'static str> {
        let off = [
            (!self.read).then_some("read"),
            (!self.upload).then_some("upload"),
            (!self.manage).then_some("manage"),
            (!self.analytics).then_some("analytics"),
        ];
        off.into_iter().flatten().collect()
    }
}

/// A short-lived access token of one connection. Never shown, never stored in the clear.
#[derive(Clone, Debug)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Wraps a token.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the `Authorization` header.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The tokens of one answer. `Debug` shows none of them.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Short-lived token.
    pub access: AccessToken,
    /// Its life, counted from the answer.
    pub expires_in: Duration,
    /// Long-lived token: only on a consent with `prompt=consent`, and now and then on a refresh; then it replaces the old one.
    pub refresh: Option<SecretString>,
    /// Life of the permission itself: only said when it ends by itself, as for a Google project that is still in testing.
    pub permission_expires_in: Option<Duration>,
    /// Google's name for the account (`sub`), which every token of it carries; only on a consent.
    pub account: Option<String>,
    /// Granted scopes; `None` when the answer does not say.
    pub scopes: Option<Vec<String>>,
}

/// Reads a token answer leniently: numbers may be text, all but the access token may be absent.
pub(super) fn read_tokens(body: &Value) -> Result<Tokens, Error> {
    let text = |name: &str| body.get(name)?.as_str().filter(|text| !text.is_empty());
    let seconds = |name: &str, longest: f64| {
        match body.get(name) {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|seconds| (1.0..=longest).contains(seconds))
        .map(Duration::from_secs_f64)
    };
    Ok(Tokens {
        access: AccessToken::new(text("access_token").ok_or(Error::NoToken)?),
        // Without a usable number the token is taken to live shortly; a 401 leads to a refresh in any case.
        expires_in: seconds("expires_in", 86_400.0).unwrap_or(Duration::from_secs(300)),
        refresh: text("refresh_token").map(SecretString::from),
        permission_expires_in: seconds("refresh_token_expires_in", 10.0 * 365.0 * 86_400.0),
        account: text("id_token").and_then(subject),
        scopes: text("scope").map(|scopes| scopes.split_whitespace().map(str::to_owned).collect()),
    })
}

/// Whom an ID token is about. It came from Google itself over TLS, so its signature adds nothing.
fn subject(id_token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}
