//! Calls of the two APIs: what is read is asked again when it fails, what changes something is not, and a dry run only says it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, header::RETRY_AFTER};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::refusal::{Refusal, Service, stop};
use super::report::{HIDDEN, Report};
use crate::Result;
use crate::http::{base, client, is_private};

/// Making a project takes longer than any other call.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How often a call is made at most.
const TRIES: u32 = 4;

/// The longest that a service may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is not known before it was made; only a dry run meets it.
pub(super) const NEW: &str = "(new)";

/// Fields whose values are never shown.
const SECRET_FIELDS: [&str; 4] = ["db_pass", "password", "value", "smtp_pass"];

/// One of the two APIs.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) service: Service,
    base: String,
    token: SecretString,
    client: Client,
    /// Vercel's team, which goes with every call.
    pub(super) team: Option<String>,
    pub(super) dry_run: bool,
    /// Between two tries, and between two looks at what takes time.
    pub(super) pause: Duration,
}

impl Api {
    /// # Errors
    ///
    /// When the address would send the token in the clear.
    pub(super) fn new(
        service: Service,
        url: &Url,
        token: SecretString,
        dry_run: bool,
        pause: Duration,
    ) -> Result<Self> {
        let name = service.name();
        if !is_private(url) {
            let problem = format!("{name}'s address is neither https nor on this machine");
            return Err(stop(problem, "a token goes over https only"));
        }
        let client = client(TIMEOUT).map_err(|error| {
            let problem = format!("no TLS: {}", error.without_url());
            stop(problem, "this is a fault of the tool")
        })?;
        Ok(Self {
            service,
            base: base(url).to_owned(),
            token,
            client,
            team: None,
            dry_run,
            pause,
        })
    }

    /// What is there; none where there is nothing. A dry run asks too, unless nothing can be known yet.
    pub(super) async fn get(&self, path: &str) -> Result<Option<Value>, Refusal> {
        if path.contains(NEW) {
            return Ok(None);
        }
        match self.call(Method::GET, path, &Value::Null).await {
            Ok(value) => Ok(Some(value)),
            Err(refusal) if refusal.status == Some(404) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Changes something; a dry run says so, and answers null.
    pub(super) async fn change(
        &self,
        report: &Report,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Value, Refusal> {
        if self.dry_run {
            let body = shown(&body);
            report.would(&format!("{method} {}{path} {body}", self.base));
            return Ok(Value::Null);
        }
        self.call(method, path, &body).await
    }

    /// Sends a file's bytes, named by their hash; doing it twice changes nothing.
    pub(super) async fn upload(&self, digest: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
        let request = || {
            let request = self.request(Method::POST, "/v2/files");
            let request = request.header("x-vercel-digest", digest);
            request
                .header("content-type", "application/octet-stream")
                .body(bytes.clone())
        };
        self.tried(request, true).await.map(drop)
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value, Refusal> {
        let may_repeat = method == Method::GET;
        let request = || {
            let request = self.request(method.clone(), path);
            match body {
                Value::Null => request,
                body => request.json(body),
            }
        };
        self.tried(request, may_repeat).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let team = self.team.as_deref().map(|team| ("teamId", team));
        request
            .query(team.as_slice())
            .bearer_auth(self.token.expose_secret())
    }

    /// Makes a call, again where that cannot do anything twice: what was turned away for coming too often was not done.
    async fn tried(
        &self,
        request: impl Fn() -> RequestBuilder,
        may_repeat: bool,
    ) -> Result<Value, Refusal> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (refusal, asked) = match request().send().await {
                Ok(response) => {
                    let asked = retry_after(&response);
                    match self.read(response).await {
                        Ok(value) => return Ok(value),
                        Err(refusal) => (refusal, asked),
                    }
                }
                Err(error) => (
                    Refusal::unanswered(self.service, &error.without_url()),
                    None,
                ),
            };
            let too_often = refusal.status == Some(429);
            if tries == TRIES || !(too_often || may_repeat && refusal.is_passing()) {
                return Err(refusal);
            }
            let wait = asked.unwrap_or(self.pause * tries);
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
        }
    }

    async fn read(&self, response: Response) -> Result<Value, Refusal> {
        let status = response.status();
        let bytes = response.bytes().await;
        let bytes = bytes.map_err(|error| Refusal::unanswered(self.service, &error.without_url()));
        let value = serde_json::from_slice(&bytes?).unwrap_or(Value::Null);
        match status.is_success() {
            true => Ok(value),
            false => Err(Refusal::answered(self.service, status.as_u16(), value)),
        }
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    Some(Duration::from_secs(seconds.parse().ok()?))
}

/// A body as it may be shown. Long lists are counted.
fn shown(body: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let is_public = fields.get("type").is_some_and(|kind| kind == "plain");
            let show = |(name, value): (&String, &Value)| {
                let is_secret = SECRET_FIELDS.contains(&name.as_str()) && !is_public;
                let value = if is_secret {
                    HIDDEN.into()
                } else {
                    shown(value)
                };
                (name.clone(), value)
            };
            fields.iter().map(show).collect()
        }
        Value::Array(items) if items.len() > 40 => format!("({} items)", items.len()).into(),
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.clone(),
    }
}

/// The items of a JSON array; none where it is something else.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The text at a field; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
