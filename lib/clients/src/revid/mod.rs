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

mod job_id;

mod error;
mod fields;
mod projects;
mod request;
mod settings;
mod status;
mod submitted;
pub use self::{
    error::{FailCode, PollError, SubmitError},
    job_id::ProviderJobId,
    projects::{Project, projects_in},
    request::{Aspect, Captions, Footage, Quality, Resolution, VideoRequest},
    settings::Settings,
    status::{FinishedVideo, JobState, read_callback},
    submitted::Submitted,
};
use super::transport::{Answer, CallPolicy, Transport, TransportError};
use http::header;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::{Duration, Instant};
use url::Url;

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
    #[must_use]
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
        let body = request.to_body(None);
        let policy = CallPolicy::safe(SERVICE, "calculate-credits")
            .attempts(2)
            .deadline(deadline)
            .max_answer(MAX_ANSWER);
        let url = self.url("calculate-credits");
        let answer = self
            .transport
            .call(&policy, |http| {
                self.dress(http.post(url.clone())).json(&body)
            })
            .await?;
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
        let body = request.to_body(Some(callback));
        let policy = CallPolicy::unsafe_to_repeat(SERVICE, "render")
            .attempt_timeout(Duration::from_secs(20))
            .deadline(deadline)
            .max_answer(MAX_ANSWER);
        let url = self.url("render");
        match self
            .transport
            .call(&policy, |http| {
                self.dress(http.post(url.clone())).json(&body)
            })
            .await
        {
            Ok(answer) => submitted::submitted(&answer),
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
        status::job_state(&answer, id)
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
        projects::projects(&answer)
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

#[cfg(test)]
mod tests;
