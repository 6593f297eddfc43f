//! RevID, behind the narrowest interface a video provider can have.
//!
//! Five verbs: [`Revid::estimate`], [`Revid::submit`], [`Revid::poll`], [`Revid::recent`] and [`read_callback`]. The
//! adapter classifies; when to try again is for the product to decide. Three rules hold here:
//!
//! * **A submit is never repeated after an ambiguous failure.** RevID knows no idempotency key and every accepted
//!   submit costs credits, so a failure after which it may have been accepted is [`SubmitError::Unknown`].
//! * **A callback is a hint.** [`read_callback`] yields at most a job id; what happened is what [`Revid::poll`] says.
//! * **Unknown words end nothing.** RevID's documents and its behaviour disagree on status and field names. Both
//!   dialects are read, and a status that is new to us counts as still running, because the job is paid for.
//!
//! RevID can also sell credits and publish to social accounts. Those endpoints are left out on purpose.

mod error;
mod fields;
mod job;
mod projects;
mod request;

use serde::Serialize;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

use http::header;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::transport::{Answer, CallPolicy, Transport, TransportError};
use fields::usable;

pub use error::{FailCode, PollError, SubmitError};
pub use job::{FinishedVideo, JobState, ProviderJobId, Submitted, read_callback};
pub use projects::{Project, projects_in};
pub use request::{Aspect, Captions, Footage, Quality, Resolution, VideoRequest};

const SERVICE: &str = "revid";

/// Largest answer that is read.
const MAX_ANSWER: usize = 2 * 1024 * 1024;

/// The client.
#[derive(Debug, Clone)]
pub struct Revid {
    transport: Transport,
    base: Url,
    key: SecretString,
}

impl Revid {
    /// A client of the service at `base`, which is `https://www.revid.ai` unless a stand-in plays its part.
    pub const fn new(transport: Transport, base: Url, key: SecretString) -> Self {
        Self {
            transport,
            base,
            key,
        }
    }

    /// What a render would cost, in credits. Free, and without effect.
    ///
    /// # Errors
    ///
    /// [`PollError`]; [`PollError::Malformed`] when the answer holds no number.
    pub async fn estimate(
        &self,
        request: &VideoRequest,
        deadline: Instant,
    ) -> Result<u32, PollError> {
        let policy = CallPolicy::safe(SERVICE, "calculate-credits")
            .attempts(2)
            .deadline(deadline);
        let body = request.to_body(None);
        let answer = self.post(policy, "calculate-credits", &body).await?;
        projects::credits(&answer)
    }

    /// Starts exactly one paid render.
    ///
    /// Nothing is sent any more after `deadline`: a process that was suspended between writing down its intent and
    /// acting on it wakes up too late to act.
    ///
    /// # Errors
    ///
    /// [`SubmitError`], of which only [`SubmitError::NotSent`] and [`SubmitError::RateLimited`] may be followed by
    /// another submit.
    pub async fn submit(
        &self,
        request: &VideoRequest,
        callback: &Url,
        deadline: Instant,
    ) -> Result<Submitted, SubmitError> {
        let policy = CallPolicy::unsafe_to_repeat(SERVICE, "render")
            .attempt_timeout(Duration::from_secs(20))
            .deadline(deadline);
        let body = request.to_body(Some(callback));
        match self.post(policy, "render", &body).await {
            Ok(answer) => job::submitted(&answer),
            Err(error) if error.may_have_arrived() => {
                Err(SubmitError::Unknown(error.kind().to_owned()))
            }
            Err(error) => Err(SubmitError::NotSent(error.kind().to_owned())),
        }
    }

    /// Asks how a job stands. Free, and without effect.
    ///
    /// # Errors
    ///
    /// [`PollError`].
    pub async fn poll(&self, id: &ProviderJobId, deadline: Instant) -> Result<JobState, PollError> {
        let mut url = self.url("status");
        url.query_pairs_mut().append_pair("pid", id.as_str());
        let answer = self.get("status", &url, deadline).await?;
        job::job_state(&answer, id)
    }

    /// The newest projects of the account, at most `limit`, by which a submit whose answer was lost is found again.
    ///
    /// # Errors
    ///
    /// [`PollError`].
    pub async fn recent(&self, limit: u32, deadline: Instant) -> Result<Vec<Project>, PollError> {
        let mut url = self.url("projects");
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        let answer = self.get("projects", &url, deadline).await?;
        projects_in(&usable(&answer)?)
    }

    async fn post(
        &self,
        policy: CallPolicy,
        verb: &str,
        body: &Value,
    ) -> Result<Answer, TransportError> {
        let (policy, url) = (policy.max_answer(MAX_ANSWER), self.url(verb));
        let make = |http: &reqwest::Client| self.dress(http.post(url.clone())).json(body);
        self.transport.call(&policy, make).await
    }

    async fn get(
        &self,
        operation: &'static str,
        url: &Url,
        deadline: Instant,
    ) -> Result<Answer, TransportError> {
        let policy = CallPolicy::safe(SERVICE, operation)
            .attempt_timeout(Duration::from_secs(8))
            .attempts(2)
            .deadline(deadline)
            .max_answer(MAX_ANSWER);
        self.transport
            .call(&policy, |http| self.dress(http.get(url.clone())))
            .await
    }

    fn url(&self, verb: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/api/public/v3/{verb}"));
        url
    }

    /// The key travels in a header of its own name, which no HTTP client strips when it follows a redirect: that is
    /// one more reason why the transport follows none.
    fn dress(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let mut key = http::HeaderValue::from_str(self.key.expose_secret())
            .unwrap_or(http::HeaderValue::from_static("invalid"));
        key.set_sensitive(true);
        request
            .header("key", key)
            .header(header::ACCEPT, "application/json")
    }
}

/// What the client needs to know.
#[derive(Debug)]
pub struct Settings {
    /// `REVID_API_KEY`.
    pub api_key: SecretString,
    /// `REVID_URL` while mocking.
    pub url: Url,
    /// `RENDER_CREDITS_PER_VIDEO`: no render that would cost more is sent; 100 by default.
    pub credits_per_render: u32,
    /// `RENDER_CREDITS_PER_DAY`: budget of the whole deployment; 2000 by default, none to speak of while mocking.
    pub credits_per_day: u32,
    /// `RENDER_FILE_HOSTS`: hosts from which finished videos are accepted, separated by commas, `*.` for every name
    /// below; any public host when not set.
    pub file_hosts: Vec<String>,
    /// `RENDER_VOICES`: what users are offered. The service has no list of its voices.
    pub voices: Vec<Voice>,
}

/// A voice of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Voice {
    /// The service's id of it: what `voice` of a render takes.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The language it speaks best, a BCP 47 tag; null when it speaks any.
    pub language: Option<String>,
}

impl Voice {
    /// Reads `ID:NAME` or `ID:NAME:LANGUAGE`; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(|part| part.trim().to_owned());
        let (id, name, language) = (parts.next()?, parts.next()?, parts.next());
        let is_id = (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let is_voice = is_id && !name.is_empty() && parts.next().is_none();
        is_voice.then_some(Self { id, name, language })
    }
}

#[cfg(test)]
mod tests;
