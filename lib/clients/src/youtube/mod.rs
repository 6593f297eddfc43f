//! YouTube: the Data API, uploads and Analytics, with one connection's access token for each call.

pub mod analytics;
pub mod error;
pub mod lenient;
pub mod manage;
pub mod read;
mod session;
pub mod upload;
pub mod uploads_playlist;

use std::time::Instant;

use serde_json::Value;
use url::Url;

use super::transport::{Answer, CallPolicy, DecodeError, Transport};
use crate::google_oauth;

pub use crate::google_oauth::AccessToken;
pub use error::{ApiError, Error, ErrorKind, classify, is_transient};

/// The service's name in traces, metrics and health.
pub const SERVICE: &str = "youtube";

/// Largest answer that is read. A page of 50 full resources is below 1 MB.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct YouTube {
    transport: Transport,
    data: Url,
    analytics: Url,
}

impl YouTube {
    /// A client for the configured addresses.
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

    /// An address of the Data API or of uploads: `/youtube/v3/videos`, `/upload/youtube/v3/videos`.
    fn data_url(&self, path: &str) -> String {
        join(&self.data, path)
    }

    /// Reads: safe to repeat, and asked again only when YouTube's reason says that this helps.
    fn read_policy(operation: &'static str, deadline: Instant) -> CallPolicy {
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
    async fn call<F>(&self, policy: &CallPolicy, make: F) -> Result<Answer, Error>
    where
        F: Fn(&reqwest::Client) -> reqwest::RequestBuilder + Send + Sync,
    {
        let answer = self.transport.call(policy, make).await?;
        match classify(&answer) {
            Some(error) => Err(error.into()),
            None => Ok(answer),
        }
    }

    /// Reads a resource of the Data API, such as `videos`.
    ///
    /// # Errors
    ///
    /// As [`YouTube::call`], and [`Error::Decode`] when the body is not a JSON object.
    async fn get(
        &self,
        operation: &'static str,
        resource: &str,
        token: &AccessToken,
        query: &[(&str, &str)],
        deadline: Instant,
    ) -> Result<Value, Error> {
        let url = self.data_url(&format!("/youtube/v3/{resource}"));
        let answer = self
            .call(&Self::read_policy(operation, deadline), |http| {
                http.get(&url)
                    .query(&[("prettyPrint", "false")])
                    .query(query)
                    .bearer_auth(token.expose())
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
fn json_object(answer: &Answer) -> Result<Value, Error> {
    let value: Value = answer.json()?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Error::Decode(DecodeError::at(".")))
    }
}

fn join(base: &Url, path: &str) -> String {
    format!("{}{path}", base.as_str().trim_end_matches('/'))
}
