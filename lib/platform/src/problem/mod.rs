//! The one error of the API: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! `detail` is for the person who called; `source` goes to the log and nowhere else.

mod field_error;
mod kind;
mod schema;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::config;

pub use field_error::FieldError;
pub use kind::Kind;

/// A problem on its way to the client.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    instance: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            instance: None,
            retry_after: None,
            source: None,
        }
    }

    /// The one answer for a foreign object and an absent one.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound).detail("No such object.")
    }

    /// An internal problem; the cause goes to the log only.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal).source(source)
    }

    /// Says what happened and what would be right. Never upstream or SQL text.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names a field of the body by its JSON pointer, and its rule.
    pub fn pointer(self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.error(FieldError::field(pointer, message))
    }

    /// Names a parameter of the query, and its rule.
    pub fn parameter(self, name: impl Into<String>, message: impl Into<String>) -> Self {
        self.error(FieldError::parameter(name, message))
    }

    /// Adds one field or parameter.
    pub fn error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// Names the object that shows what came of the request, by its path.
    pub fn instance(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// When to try again, at the earliest.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The cause, for the log.
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Seconds for `Retry-After`, rounded up.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|d| d.as_secs() + u64::from(d.subsec_nanos() > 0))
    }

    /// The cause and its causes, for the log.
    pub fn causes(&self) -> Vec<String> {
        let first = self
            .source
            .as_deref()
            .map(|error| error as &dyn std::error::Error);
        let causes = std::iter::successors(first, |error| error.source());
        causes.map(ToString::to_string).collect()
    }

    /// The body to send.
    pub fn into_body(self, request_id: &str) -> ProblemBody {
        ProblemBody {
            type_uri: address(self.kind),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            code: self.kind.code(),
            detail: self.detail,
            instance: self.instance,
            errors: self.errors,
            retryable: self.kind.retryable(),
            request_id: request_id.to_owned(),
        }
    }
}

/// Where this deployment describes a kind. Without its configuration a deployment does not know its own address.
fn address(kind: Kind) -> String {
    let path = format!("/docs/errors#{}", kind.code());
    let address = config::get().ok();
    let address = address.and_then(|config| config.app.url.join(&path).ok());
    address.map_or(path, String::from)
}

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of the kind's description, at this deployment.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// What it means, in a few words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Stable slug to branch on.
    #[schema(value_type = Kind)]
    pub code: &'static str,
    /// What happened and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The object that shows what came of the request, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The fields and parameters that are not acceptable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Id of the request, to be named when asking for help.
    pub request_id: String,
}

#[cfg(test)]
mod tests;
