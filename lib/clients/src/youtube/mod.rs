//! YouTube: the Data API, uploads and Analytics, with one connection's access token for each call.

use super::transport::{Answer, CallPolicy, DecodeError, Transport};
use crate::google_oauth;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;
use std::time::Instant;
use url::Url;
pub mod analytics;
mod classify;
pub mod error;
pub mod lenient;
pub mod manage;
mod own_video;
pub mod read;
mod resources;
mod session;
mod table;
pub mod upload;
pub mod uploads_playlist;
pub use classify::{classify, is_transient};
pub use error::{ApiError, Error, ErrorKind};

/// The service's name in traces, metrics and health.
pub const SERVICE: &str = "youtube";

/// Largest answer that is read. A page of 50 full resources is below 1 MB.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// A short-lived access token of one connection. Never shown, never stored in the clear.
#[derive(Clone, Debug)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Wraps a token.
    #[must_use]
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the `Authorization` header.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct YouTube {
    transport: Transport,
    data: Url,
    analytics: Url,
}

impl YouTube {
    /// A client for the configured addresses.
    #[must_use]
    pub fn new(transport: Transport, settings: &google_oauth::Settings) -> Self {
        Self {
            transport,
            data: settings.youtube_url.clone(),
            analytics: settings.analytics_url.clone(),
        }
    }

    /// A client whose services all live at one address.
    #[cfg(test)]
    pub(crate) fn at(transport: Transport, base: Url) -> Self {
        Self {
            transport,
            data: base.clone(),
            analytics: base,
        }
    }

    /// The transport, for calls with rules of their own (uploads).
    #[must_use]
    pub const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// An address of the Data API or of uploads: `/youtube/v3/videos`, `/upload/youtube/v3/videos`.
    #[must_use]
    pub fn data_url(&self, path: &str) -> String {
        join(&self.data, path)
    }

    /// An address of the Analytics API: `/v2/reports`.
    #[must_use]
    pub fn analytics_url(&self, path: &str) -> String {
        join(&self.analytics, path)
    }

    /// Reads: safe to repeat, and asked again only when YouTube's reason says that this helps.
    #[must_use]
    pub fn read_policy(operation: &'static str, deadline: Instant) -> CallPolicy {
        CallPolicy::safe(SERVICE, operation)
            .deadline(deadline)
            .max_answer(MAX_ANSWER)
            .retry_if(is_transient)
    }

    /// Makes a call and turns YouTube's refusals into errors.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] without an answer, [`Error::Api`] for a refusal.
    pub async fn call<F>(&self, policy: &CallPolicy, make: F) -> Result<Answer, Error>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let answer = self.transport.call(policy, make).await?;
        match classify(&answer) {
            Some(error) => Err(error.into()),
            None => Ok(answer),
        }
    }

    /// Reads a JSON object.
    ///
    /// # Errors
    ///
    /// As [`YouTube::call`], and [`Error::Decode`] when the body is not a JSON object.
    pub async fn get_json<Q: Serialize + Sync + ?Sized>(
        &self,
        policy: &CallPolicy,
        token: &AccessToken,
        url: &str,
        query: &Q,
    ) -> Result<Value, Error> {
        let answer = self
            .call(policy, |http| {
                http.get(url).query(query).bearer_auth(token.expose())
            })
            .await?;
        json_object(&answer)
    }
}

/// The body as a JSON object.
///
/// # Errors
///
/// [`Error::Decode`] when it is not one.
pub fn json_object(answer: &Answer) -> Result<Value, Error> {
    let value: Value = answer.json()?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Error::Decode(DecodeError {
            path: ".".into(),
            line: 1,
            column: 1,
        }))
    }
}

fn join(base: &Url, path: &str) -> String {
    format!("{}{path}", base.as_str().trim_end_matches('/'))
}
