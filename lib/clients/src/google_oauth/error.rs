//! What the token endpoint's refusals mean.

use std::time::Duration;

use serde_json::Value;

use crate::transport::{Answer, DecodeError, TransportError};

/// Why Google gave no token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A success that is not JSON.
    #[error("Google's token answer could not be read: {0}")]
    Decode(#[from] DecodeError),
    /// A success without a token.
    #[error("Google's token answer holds no access token")]
    NoToken,
    /// The code or the grant is gone: only a new consent helps, never a retry.
    #[error("the grant is no longer valid")]
    InvalidGrant {
        /// A Workspace administrator's session control ended it (`invalid_rapt`).
        session_control: bool,
    },
    /// Our own client id or secret is wrong: the operator has to act, no user is to blame.
    #[error("Google does not accept this deployment's OAuth client ({reason})")]
    InvalidClient {
        /// One of [`CLIENT_REASONS`].
        reason: &'static str,
    },
    /// The request itself is wrong.
    #[error("Google refused the token request (HTTP {status})")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// Google is not well: try again later.
    #[error("Google's token endpoint is not available (HTTP {status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
}

/// What Google says of a client that it does not accept.
const CLIENT_REASONS: [&str; 3] = ["invalid_client", "unauthorized_client", "deleted_client"];

impl Error {
    /// Whether the same call may succeed later without anyone doing anything.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transport(_) | Self::Unavailable { .. })
    }

    /// A short name for logs and stored errors.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Transport(error) => error.kind(),
            Self::Decode(_) | Self::NoToken => "unexpected_answer",
            Self::InvalidGrant { .. } => "invalid_grant",
            Self::InvalidClient { reason } => reason,
            Self::Refused { .. } => "token_request_refused",
            Self::Unavailable { .. } => "token_endpoint_unavailable",
        }
    }
}

/// Reads a refusal of the token or revoke endpoint; the body may be anything.
pub fn classify(answer: &Answer) -> Error {
    let status = answer.status.as_u16();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let passing = [
        "internal_failure",
        "server_error",
        "temporarily_unavailable",
    ];
    let said = ["error", "error_description"].map(text);
    if answer.is_transient() || status >= 500 || said.iter().any(|said| passing.contains(said)) {
        return Error::Unavailable {
            status,
            retry_after: answer.retry_after(),
        };
    }
    match text("error") {
        "invalid_grant" => Error::InvalidGrant {
            session_control: text("error_subtype") == "invalid_rapt",
        },
        error => match CLIENT_REASONS.into_iter().find(|reason| *reason == error) {
            Some(reason) => Error::InvalidClient { reason },
            None => Error::Refused { status },
        },
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn classify(status: u16, body: &str) -> Error {
        super::classify(&Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
            attempts: 1,
        })
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        for (status, body, code, transient) in [
            (
                400,
                r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
                "invalid_grant",
                false,
            ),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"Bad Request"}"#,
                "invalid_grant",
                false,
            ),
            (
                401,
                r#"{"error":"invalid_client","error_description":"The OAuth client was not found."}"#,
                "invalid_client",
                false,
            ),
            (
                400,
                r#"{"error":"invalid_request"}"#,
                "token_request_refused",
                false,
            ),
            (
                400,
                r#"{"error":"internal_failure"}"#,
                "token_endpoint_unavailable",
                true,
            ),
            (
                400,
                r#"{"error":"x","error_description":"temporarily_unavailable"}"#,
                "token_endpoint_unavailable",
                true,
            ),
            (503, "", "token_endpoint_unavailable", true),
            (
                500,
                r#"{"error":"internal_failure"}"#,
                "token_endpoint_unavailable",
                true,
            ),
            (429, "<html>", "token_endpoint_unavailable", true),
            (408, "", "token_endpoint_unavailable", true),
            (403, "[]", "token_request_refused", false),
        ] {
            let error = classify(status, body);
            assert_eq!(
                (error.code(), error.is_transient()),
                (code, transient),
                "{status} {body}"
            );
        }
        assert!(matches!(
            classify(
                400,
                r#"{"error":"invalid_grant","error_subtype":"invalid_rapt"}"#
            ),
            Error::InvalidGrant {
                session_control: true
            }
        ));
    }
}
