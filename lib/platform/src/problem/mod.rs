//! The one error of the API: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! `detail` is for the person who called; `source` goes to the log and nowhere else.

mod body;
mod kind;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use body::{FieldError, ProblemBody};
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
    #[must_use]
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
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound).detail("No such object.")
    }

    /// An internal problem; the cause goes to the log only.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal).source(source)
    }

    /// Says what happened and what would be right. Never upstream or SQL text.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names a field and its rule.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            pointer: pointer.into(),
            message: message.into(),
        });
        self
    }

    /// Names the object that shows what came of the request, by its path.
    #[must_use]
    pub fn instance(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// When to try again, at the earliest.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The cause, for the log.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Seconds for `Retry-After`, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|d| d.as_secs() + u64::from(d.subsec_nanos() > 0))
    }

    /// The cause and its causes, for the log.
    #[must_use]
    pub fn source_text(&self) -> Option<String> {
        let mut error: &dyn std::error::Error = self.source.as_deref()?;
        let mut text = error.to_string();
        while let Some(source) = error.source() {
            text.push_str(": ");
            text.push_str(&source.to_string());
            error = source;
        }
        Some(text)
    }

    /// The body to send.
    #[must_use]
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
