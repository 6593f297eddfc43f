//! Google OAuth 2.0 for web servers: consent with PKCE, code exchange, refresh, revocation.

mod error;
mod tokens;

use std::time::Instant;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::transport::{Answer, CallPolicy, Transport};
use tokens::{SIGN_IN, read_tokens};

pub use error::{Error, classify};
pub use tokens::{AccessToken, Features, SCOPES, Tokens};

/// The service's name in traces, metrics and health.
pub const SERVICE: &str = "google_oauth";

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
    pub fn consent_url(&self, consent: &Consent<'_>) -> Url {
        let mut url = self.accounts.clone();
        url.set_path("/o/oauth2/v2/auth");
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", consent.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", &format!("{SIGN_IN} {}", SCOPES.join(" ")))
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
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier.expose_secret()),
            ("redirect_uri", redirect_uri),
        ];
        self.token("token.exchange", &form, deadline).await
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
        let token = refresh_token.expose_secret();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token("token.refresh", &form, deadline).await
    }

    /// Ends everything that the Google account of a token allowed this project. What is gone already counts as ended.
    ///
    /// # Errors
    ///
    /// [`Error`] when Google could not be asked.
    pub async fn revoke(&self, token: &str, deadline: Instant) -> Result<(), Error> {
        let form = [("token", token)];
        let answer = self.post("revoke", "/revoke", &form, deadline).await?;
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
        let client = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose_secret()),
        ];
        let form = [form, &client].concat();
        let answer = self.post(operation, "/token", &form, deadline).await?;
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

/// Google's OAuth client and the addresses of its services.
#[derive(Debug)]
pub struct Settings {
    /// `GOOGLE_CLIENT_ID`.
    pub client_id: String,
    /// `GOOGLE_CLIENT_SECRET`.
    pub client_secret: SecretString,
    /// Consent pages (`GOOGLE_ACCOUNTS_URL` while mocking).
    pub accounts_url: Url,
    /// Token and revoke (`GOOGLE_OAUTH_URL` while mocking).
    pub oauth_url: Url,
    /// Data API and uploads (`YOUTUBE_URL` while mocking).
    pub youtube_url: Url,
    /// Analytics (`YOUTUBE_ANALYTICS_URL` while mocking).
    pub analytics_url: Url,
}

#[cfg(test)]
mod tests;
