//! What the answer to a submit says.

use super::fields::{error_text, refused, text_of, truthy};
use super::{FailCode, ProviderJobId, SubmitError};
use crate::transport::Answer;
use http::{HeaderMap, header};
use serde_json::Value;

/// A job that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Its id.
    pub id: ProviderJobId,
}

pub(super) fn submitted(answer: &Answer) -> Result<Submitted, SubmitError> {
    let status = answer.status;
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let text = body.as_ref().and_then(error_text).unwrap_or_default();

    if status.is_success() {
        return accepted(body.as_ref(), text);
    }
    Err(match status.as_u16() {
        408 | 500..=599 => {
            SubmitError::Unknown(format!("status {status}", status = status.as_u16()))
        }
        401 => SubmitError::Auth(text),
        402 => SubmitError::OutOfCredit(text),
        403 if is_html(&answer.headers) || body.is_none() => SubmitError::Rejected {
            code: FailCode::Other,
            message: "refused by the service's outer wall (status 403)".into(),
        },
        403 => by_text(text).or_code(FailCode::PlanLocked),
        409 | 425 | 429 => SubmitError::RateLimited(answer.retry_after()),
        300..=399 => SubmitError::Rejected {
            code: FailCode::BadRequest,
            message: format!("redirected (status {})", status.as_u16()),
        },
        _ => by_text(text).or_code(FailCode::BadRequest),
    })
}

fn accepted(body: Option<&Value>, text: String) -> Result<Submitted, SubmitError> {
    let body = body.ok_or_else(|| SubmitError::Unknown("the answer is not JSON".into()))?;
    if refused(body) {
        return Err(by_text(text));
    }
    // A yes without an id is a yes all the same: the render may be running, and be paid.
    match text_of(body, &["pid"]).and_then(ProviderJobId::new) {
        Some(id) => Ok(Submitted { id }),
        None if truthy(body.get("success")).is_none() && !text.is_empty() => Err(by_text(text)),
        None => Err(SubmitError::Unknown("the answer names no job".into())),
    }
}

impl SubmitError {
    /// Names the cause of a rejection whose text names none.
    fn or_code(self, code: FailCode) -> Self {
        match self {
            Self::Rejected {
                code: FailCode::Other,
                message,
            } => Self::Rejected { code, message },
            error => error,
        }
    }
}

fn by_text(message: String) -> SubmitError {
    match FailCode::of(&message) {
        FailCode::KeyRefused => SubmitError::Auth(message),
        FailCode::InsufficientCredits => SubmitError::OutOfCredit(message),
        code => SubmitError::Rejected { code, message },
    }
}

pub(super) fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"))
}
