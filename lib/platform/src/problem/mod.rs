//! The one error of the API: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! `detail` is for the person who called; `source` goes to the log and nowhere else.

mod kind;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

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

    /// Names a field and its rule.
    pub fn pointer(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let (pointer, message) = (pointer.into(), message.into());
        self.errors.push(FieldError { pointer, message });
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
    pub fn source_text(&self) -> Option<String> {
        let first: &dyn std::error::Error = self.source.as_deref()?;
        let causes = std::iter::successors(Some(first), |error| error.source());
        Some(
            causes
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(": "),
        )
    }

    /// The body to send.
    pub fn into_body(self, request_id: &str) -> ProblemBody {
        ProblemBody {
            type_uri: format!("/docs/errors#{}", self.kind.code()),
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

/// One field that is not acceptable.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// The rule, and what would be right.
    pub message: String,
}

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Address of the kind's description.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// What it means, in a few words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Stable slug to branch on.
    pub code: &'static str,
    /// What happened and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The object that shows what came of the request, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The fields that are not acceptable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Id of the request, to be named when asking for help.
    pub request_id: String,
}

#[cfg(test)]
mod tests;
