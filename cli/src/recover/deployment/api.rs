//! Calls of an API with a token.

use std::time::Duration;

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::error::{Error, Result};
use crate::loopback::is_private;

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Whom to call, and with which token.
pub(super) struct Api<'a> {
    pub(super) name: &'static str,
    /// What every path follows.
    pub(super) url: String,
    pub(super) token: &'a SecretString,
}

impl Api<'_> {
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.call(Method::GET, path, query, None).await
    }

    /// Calls it; the answer is that of a success.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Value> {
        let mut request = self
            .client()?
            .request(method, format!("{}{path}", self.url))
            .query(query)
            .bearer_auth(self.token.expose_secret());
        if let Some(body) = &body {
            request = request.json(body);
        }
        // Without the address, which may name a team.
        let answer = request
            .send()
            .await
            .map_err(|error| self.refused(&error.without_url().to_string()))?;
        let status = answer.status();
        let value: Value = answer.json().await.unwrap_or(Value::Null);
        if status.is_success() && value["success"] != false {
            return Ok(value);
        }
        let code = value
            .pointer("/error/code")
            .or_else(|| value.pointer("/errors/0/message"))
            .and_then(Value::as_str)
            .unwrap_or("no reason given");
        Err(self.refused(&format!("{status}: {code}")))
    }

    /// A token goes over https, or not further than this machine.
    fn client(&self) -> Result<reqwest::Client> {
        if !self.url.parse::<Url>().is_ok_and(|url| is_private(&url)) {
            return Err(self.refused("its address is not https"));
        }
        clients::tls::client_builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| self.refused(&error.to_string()))
    }

    pub(super) fn refused(&self, why: &str) -> Error {
        Error::setup(
            format!("{}: {why}", self.name),
            "put that right and run the same command again: what is done already is not done twice",
        )
    }
}

/// The items of a JSON array; none where it is something else.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
