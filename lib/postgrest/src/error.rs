//! How a call can fail. Branch on [`ErrorKind`], never on texts.

use http::StatusCode;
use serde::Deserialize;

/// A call that gave no rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request was not answered.
    #[error("no answer")]
    Transport(#[source] reqwest::Error),
    /// The service refused.
    #[error("{0}")]
    Api(#[from] Box<ApiError>),
    /// The rows do not have the expected shape.
    #[error("unexpected shape of the answer")]
    Decode(#[source] serde_json::Error),
    /// The arguments cannot be written as JSON.
    #[error("arguments cannot be encoded")]
    Encode(#[source] serde_json::Error),
}

/// PostgREST's error body (`code`, `message`, `details`, `hint`) and status. `details` and `hint` may quote row data:
/// they are for the log.
#[derive(Debug, thiserror::Error)]
#[error("{status} {code}")]
#[expect(missing_docs, reason = "the service's own names")]
pub struct ApiError {
    pub status: StatusCode,
    /// SQLSTATE or `PGRSTnnn`; empty when the answer came from a gateway.
    pub code: String,
    pub message: String,
    pub details: Option<String>,
    pub hint: Option<String>,
}

/// What a caller can act on, from SQLSTATE and PostgREST codes (PostgREST reference, "Errors").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `PTxyz`: a function refused with an HTTP status of its own.
    Refused(u16),
    /// 23502, 23503, 23505, 23514: a constraint, which may be named.
    Constraint,
    /// PGRST301 to 303, 28xxx: the token was not accepted.
    Unauthenticated,
    /// 40xxx: serialization failure or deadlock; repeat the call.
    Conflict,
    /// 57014 (statement timeout), 08xxx, 53xxx, 57P01 to 57P03 (the server goes down or comes up), PGRST000 to 003, and any
    /// 5xx that is not PostgREST's own.
    Unavailable,
    /// Anything else: a defect of ours.
    Unexpected,
}

#[derive(Default, Deserialize)]
struct Body {
    code: Option<String>,
    message: Option<String>,
    details: Option<serde_json::Value>,
    hint: Option<serde_json::Value>,
}

impl ApiError {
    /// Reads an error answer; anything that is not PostgREST's shape keeps its status and no text.
    pub fn parse(status: StatusCode, body: &[u8]) -> Self {
        let body = serde_json::from_slice::<Body>(body).unwrap_or_default();
        let text = |value: Option<serde_json::Value>| match value? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text),
            other => Some(other.to_string()),
        };
        Self {
            status,
            code: body.code.unwrap_or_default(),
            message: body.message.unwrap_or_default(),
            details: text(body.details),
            hint: text(body.hint),
        }
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        let code = self.code.as_str();
        if let Some(status) = code.strip_prefix("PT").and_then(|s| s.parse().ok()) {
            return ErrorKind::Refused(status);
        }
        match code {
            "23502" | "23503" | "23505" | "23514" => ErrorKind::Constraint,
            "57014" | "57P01" | "57P02" | "57P03" => ErrorKind::Unavailable,
            "PGRST301" | "PGRST302" | "PGRST303" => ErrorKind::Unauthenticated,
            "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003" => ErrorKind::Unavailable,
            _ if code.starts_with("28") => ErrorKind::Unauthenticated,
            _ if code.starts_with("40") => ErrorKind::Conflict,
            _ if code.starts_with("08") || (code.starts_with("53") && code != "53400") => {
                ErrorKind::Unavailable
            }
            "" if self.status == StatusCode::UNAUTHORIZED => ErrorKind::Unauthenticated,
            "" if self.status.is_server_error() => ErrorKind::Unavailable,
            _ => ErrorKind::Unexpected,
        }
    }

    /// Name of the violated constraint, which Postgres quotes in its message.
    pub fn constraint(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("constraint \"")?;
        rest.split('"').next()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error(status: u16, body: &str) -> ApiError {
        ApiError::parse(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    #[test]
    fn every_code_that_is_acted_on_has_its_kind() {
        for (code, status, kind) in [
            ("PT409", 409, ErrorKind::Refused(409)),
            ("23505", 409, ErrorKind::Constraint),
            ("23503", 409, ErrorKind::Constraint),
            ("23514", 400, ErrorKind::Constraint),
            ("22P02", 400, ErrorKind::Unexpected),
            ("42501", 403, ErrorKind::Unexpected),
            ("57014", 500, ErrorKind::Unavailable),
            ("40001", 500, ErrorKind::Conflict),
            ("08006", 503, ErrorKind::Unavailable),
            ("57P01", 500, ErrorKind::Unavailable),
            ("XX000", 500, ErrorKind::Unexpected),
            ("53300", 503, ErrorKind::Unavailable),
            ("53400", 500, ErrorKind::Unexpected),
            ("PGRST003", 504, ErrorKind::Unavailable),
            ("PGRST303", 401, ErrorKind::Unauthenticated),
            ("P0001", 400, ErrorKind::Unexpected),
        ] {
            assert_eq!(
                error(status, &format!(r#"{{"code":"{code}","message":"m"}}"#)).kind(),
                kind,
                "{code}"
            );
        }
    }

    #[test]
    fn a_gateway_that_answers_html_is_unavailable_and_leaves_no_text() {
        let error = error(502, "<html>bad gateway</html>");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.message, "");
    }

    #[test]
    fn the_constraint_is_read_from_the_message() {
        let error = error(
            409,
            r#"{"code":"23505","message":"duplicate key value violates unique constraint \"channels_youtube_channel_id_key\"","details":null,"hint":null}"#,
        );
        assert_eq!(error.constraint(), Some("channels_youtube_channel_id_key"));
    }

    proptest! {
        #[test]
        fn no_body_makes_the_parser_panic(status in 100u16..1000, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let error = ApiError::parse(StatusCode::from_u16(status).unwrap(), &body);
            let _ = (error.kind(), error.constraint());
        }
    }
}
