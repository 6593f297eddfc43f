//! Google OAuth 2.0 for web servers: consent with PKCE, code exchange, refresh, revocation.

pub use settings::Settings;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::transport::{Answer, CallPolicy, Transport};
use super::youtube::AccessToken;

mod error;
mod settings;

pub use error::{Error, classify};

/// The service's name in traces, metrics and health.
pub const SERVICE: &str = "google_oauth";

const SCOPE_PREFIX: &str = "https://www.googleapis.com/auth/";

/// What we ask the user for: reading, uploading, managing (publishing needs it) and Analytics.
pub const SCOPES: [&str; 4] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/yt-analytics.readonly",
];

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
    /// Granted scopes; `None` when the answer does not say.
    pub scopes: Option<Vec<String>>,
}

/// What the granted scopes allow, by name. The user may untick any of them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
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
    #[must_use]
    pub fn of(scopes: &[String]) -> Self {
        let any = |wanted: &[&str]| {
            scopes.iter().any(|scope| {
                scope
                    .strip_prefix(SCOPE_PREFIX)
                    .is_some_and(|name| wanted.contains(&name))
            })
        };
        let read = any(&["youtube.readonly", "youtube", "youtube.force-ssl"]);
        Self {
            read,
            upload: any(&["youtube.upload", "youtube", "youtube.force-ssl"]),
            manage: any(&["youtube", "youtube.force-ssl"]),
            analytics: read && any(&["yt-analytics.readonly"]),
        }
    }

    /// Names of the features that are off.
    #[must_use]
    pub fn missing(self) -> Vec<&'static str> {
        [
            ("read", self.read),
            ("upload", self.upload),
            ("manage", self.manage),
            ("analytics", self.analytics),
        ]
        .into_iter()
        .filter_map(|(name, on)| (!on).then_some(name))
        .collect()
    }
}

/// What goes into a consent address.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// Exactly the registered callback.
    pub redirect_uri: &'a str,
    /// Single-use, unguessable, bound to the user.
    pub state: &'a str,
    /// PKCE challenge (`S256`).
    pub challenge: &'a str,
    /// Preselects a Google account.
    pub login_hint: Option<&'a str>,
}

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct GoogleOauth {
    transport: Transport,
    client_id: String,
    client_secret: SecretString,
    accounts: Url,
    oauth: Url,
}

impl GoogleOauth {
    /// A client for the configured OAuth client.
    #[must_use]
    pub fn new(transport: Transport, settings: &Settings) -> Self {
        Self {
            transport,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            accounts: settings.accounts_url.clone(),
            oauth: settings.oauth_url.clone(),
        }
    }

    /// The address at which the user consents.
    ///
    /// `prompt=consent` because only a consent that was asked anew brings a refresh token; `select_account` because the
    /// channel is picked there.
    #[must_use]
    pub fn consent_url(&self, consent: &Consent<'_>) -> Url {
        let mut url = self.accounts.clone();
        url.set_path("/o/oauth2/v2/auth");
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", consent.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", &SCOPES.join(" "))
            .append_pair("access_type", "offline")
            .append_pair("prompt", "select_account consent")
            .append_pair("state", consent.state)
            .append_pair("code_challenge", consent.challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(hint) = consent.login_hint {
            url.query_pairs_mut().append_pair("login_hint", hint);
        }
        url
    }

    /// Exchanges the code of a consent.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidGrant`] when the code is used, expired or not ours.
    pub async fn exchange(
        &self,
        code: &str,
        verifier: &SecretString,
        redirect_uri: &str,
        deadline: Instant,
    ) -> Result<Tokens, Error> {
        self.token(
            "token.exchange",
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("code_verifier", verifier.expose_secret()),
                ("redirect_uri", redirect_uri),
                ("client_id", &self.client_id),
                ("client_secret", self.client_secret.expose_secret()),
            ],
            deadline,
        )
        .await
    }

    /// Gets a new access token.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidGrant`] when the grant is gone: only a new consent helps, never a retry.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        deadline: Instant,
    ) -> Result<Tokens, Error> {
        self.token(
            "token.refresh",
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh_token.expose_secret()),
                ("client_id", &self.client_id),
                ("client_secret", self.client_secret.expose_secret()),
            ],
            deadline,
        )
        .await
    }

    /// Ends the grant at Google. A grant that is gone already counts as ended.
    ///
    /// # Errors
    ///
    /// [`Error`] when Google could not be asked.
    pub async fn revoke(&self, token: &SecretString, deadline: Instant) -> Result<(), Error> {
        let answer = self
            .post(
                "revoke",
                "/revoke",
                &[("token", token.expose_secret())],
                deadline,
            )
            .await?;
        if answer.status.is_success() || answer.status == 400 {
            return Ok(());
        }
        Err(classify(&answer))
    }

    async fn token(
        &self,
        operation: &'static str,
        form: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<Tokens, Error> {
        let answer = self.post(operation, "/token", form, deadline).await?;
        if !answer.status.is_success() {
            return Err(classify(&answer));
        }
        read_tokens(&answer.json()?)
    }

    /// Every call here may be repeated: a code that is used up or a token that is gone answers so, and what a lost
    /// answer carried is lost either way.
    async fn post(
        &self,
        operation: &'static str,
        path: &str,
        form: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let url = format!("{}{path}", self.oauth.as_str().trim_end_matches('/'));
        let policy = CallPolicy::safe(SERVICE, operation)
            .deadline(deadline)
            .max_answer(64 * 1024)
            .retry_if(|answer| !answer.status.is_success() && classify(answer).is_transient());
        Ok(self
            .transport
            .call(&policy, |http| http.post(&url).form(form))
            .await?)
    }
}

/// Reads a token answer leniently: numbers may be text, all but the access token may be absent.
fn read_tokens(body: &Value) -> Result<Tokens, Error> {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
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
        scopes: text("scope").map(|scopes| scopes.split_whitespace().map(str::to_owned).collect()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn client() -> GoogleOauth {
        GoogleOauth {
            transport: Transport::new(),
            client_id: "id.apps".into(),
            client_secret: SecretString::from("a secret"),
            accounts: Url::parse("https://accounts.google.com").unwrap(),
            oauth: Url::parse("https://oauth2.googleapis.com").unwrap(),
        }
    }

    #[test]
    fn the_consent_address_asks_for_everything_that_is_needed() {
        let url = client().consent_url(&Consent {
            redirect_uri: "https://api.example/api/channels/callback",
            state: "s&t=1",
            challenge: &"c".repeat(43),
            login_hint: Some("a@b.example"),
        });
        let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(url.path(), "/o/oauth2/v2/auth");
        assert_eq!(query["state"], "s&t=1");
        assert_eq!(query["access_type"], "offline");
        assert_eq!(query["prompt"], "select_account consent");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["code_challenge"], "c".repeat(43));
        assert_eq!(query["scope"].split(' ').count(), 4);
        assert_eq!(query["login_hint"], "a@b.example");
        assert!(!url.as_str().contains("secret"));
    }

    #[test]
    fn tokens_are_read_leniently() {
        let read = |body: Value| read_tokens(&body);
        let full = read(json!({
            "access_token": "at", "expires_in": 3599, "refresh_token": "rt", "token_type": "Bearer",
            "scope": "b a", "refresh_token_expires_in": 604_800, "new_field": {}
        }))
        .unwrap();
        assert_eq!(full.access.expose(), "at");
        assert_eq!(full.expires_in, Duration::from_secs(3599));
        assert_eq!(full.scopes.unwrap(), ["b", "a"]);
        assert!(full.refresh.is_some());
        let week = Duration::from_secs(604_800);
        assert_eq!(full.permission_expires_in, Some(week));
        let text = read(json!({"access_token": "at", "expires_in": "3920"})).unwrap();
        assert_eq!(text.expires_in, Duration::from_secs(3920));
        assert!(text.refresh.is_none() && text.scopes.is_none());
        assert_eq!(text.permission_expires_in, None);
        for odd in [
            json!("soon"),
            json!(-5),
            json!(null),
            json!(1e300),
            json!([]),
        ] {
            let tokens = read(json!({"access_token": "at", "expires_in": odd})).unwrap();
            assert_eq!(tokens.expires_in, Duration::from_secs(300));
        }
        assert!(matches!(read(json!({})), Err(Error::NoToken)));
        assert!(matches!(
            read(json!({"access_token": ""})),
            Err(Error::NoToken)
        ));
    }

    #[test]
    fn debug_shows_no_token() {
        let tokens = read_tokens(
            &json!({"access_token": "canary-at", "refresh_token": "canary-rt", "expires_in": 1}),
        )
        .unwrap();
        assert!(!format!("{tokens:?}").contains("canary"));
        assert!(!format!("{:?}", client()).contains("a secret"));
    }

    #[test]
    fn features_follow_the_granted_scopes() {
        let scopes = |names: &[&str]| {
            names
                .iter()
                .map(|name| format!("{SCOPE_PREFIX}{name}"))
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = SCOPES
            .iter()
            .rev()
            .map(|scope| (*scope).to_owned())
            .collect();
        assert!(Features::of(&all).missing().is_empty());
        assert_eq!(
            Features::of(&scopes(&["youtube.upload"])).missing(),
            ["read", "manage", "analytics"]
        );
        assert_eq!(
            Features::of(&scopes(&["youtube.readonly", "youtube.upload"])).missing(),
            ["manage", "analytics"]
        );
        // Reports need the right to read as well.
        assert_eq!(
            Features::of(&scopes(&["yt-analytics.readonly"])).missing(),
            ["read", "upload", "manage", "analytics"]
        );
        assert!(!Features::of(&["youtube".into()]).read);
    }

    proptest! {
        #[test]
        fn any_state_survives_the_address(state in "\\PC*") {
            let url = client().consent_url(&Consent {
                redirect_uri: "https://a.example/cb", state: &state, challenge: "c", login_hint: None,
            });
            let back = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            prop_assert_eq!(back, state);
        }
    }
}
