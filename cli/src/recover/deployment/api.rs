//! Calls of an API with a token, and the changes that they make.

use std::{fmt, time::Duration};

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::http::{client, is_private};
use crate::{Error, Result};

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// One change, known to be possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A variable of the production environment; its value is never shown.
    Variable {
        /// Its name.
        name: String,
        /// Whether there is one already.
        replaces: bool,
    },
    /// A new deployment of what is deployed, as a running one keeps its variables.
    Redeploy {
        /// The deployment that is repeated.
        deployment: String,
        /// Its project's name.
        name: String,
    },
    /// A name.
    Name {
        /// Which one.
        name: String,
        /// The record's id.
        record: String,
        /// What it points at.
        from: String,
        /// What it is to point at.
        to: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable { name, replaces } => {
                let verb = if *replaces { "replace" } else { "add" };
                write!(out, "Vercel: {verb} {name} in production")
            }
            Self::Redeploy { deployment, .. } => {
                write!(
                    out,
                    "Vercel: deploy {deployment} again, with these variables"
                )
            }
            Self::Name { name, from, to, .. } => {
                write!(out, "Cloudflare: point {name} at {to} (now {from})")
            }
        }
    }
}

/// Whom to call, and with which token.
pub(super) struct Api<'a> {
    pub(super) name: &'static str,
    /// What every path follows.
    pub(super) url: String,
    /// What every query ends with.
    pub(super) always: Option<(&'static str, &'a str)>,
    pub(super) token: &'a SecretString,
}

impl Api<'_> {
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.call(Method::GET, path, query, Value::Null).await
    }

    /// Calls it, with a body unless that is null; the answer is that of a success.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Value,
    ) -> Result<Value> {
        // A token goes over https, or not further than this machine.
        if !self.url.parse().is_ok_and(|url| is_private(&url)) {
            return Err(self.refused("its address is not https"));
        }
        // Without the address, which may name a team.
        let failed = |error: reqwest::Error| self.refused(&error.without_url().to_string());
        let url = format!("{}{path}", self.url);
        let request = client(TIMEOUT).map_err(failed)?.request(method, url);
        let request = request.query(query).query(self.always.as_slice());
        let mut request = request.bearer_auth(self.token.expose_secret());
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let value: Value = answer.json().await.unwrap_or(Value::Null);
        if status.is_success() && value["success"] != false {
            return Ok(value);
        }
        let code = value.pointer("/error/code");
        let code = code.or_else(|| value.pointer("/errors/0/message"));
        let code = code.and_then(Value::as_str).unwrap_or("no reason given");
        Err(self.refused(&format!("{status}: {code}")))
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
