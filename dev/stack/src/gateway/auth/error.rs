//! Errors in the shape that Auth gives them.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::json;

/// A request that Auth turns away.
#[derive(Debug)]
pub(super) struct AuthError {
    status: u16,
    code: &'static str,
    message: String,
    weak: bool,
}

impl AuthError {
    pub(super) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            weak: false,
        }
    }

    pub(super) fn bad_json(message: &str) -> Self {
        Self::new(400, "bad_json", message)
    }

    pub(super) fn weak_password(message: &str) -> Self {
        Self {
            weak: true,
            ..Self::new(422, "weak_password", message)
        }
    }

    /// 400 `validation_failed`.
    pub(super) fn invalid(message: &str) -> Self {
        Self::new(400, "validation_failed", message)
    }

    pub(super) fn no_user() -> Self {
        Self::new(404, "user_not_found", "User not found")
    }
}

impl From<catalyst_cli::Error> for AuthError {
    fn from(error: catalyst_cli::Error) -> Self {
        tracing::error!(%error, "auth failed");
        Self::new(
            500,
            "unexpected_failure",
            "Unexpected failure, please check server logs for more information",
        )
    }
}

impl From<sqlx::Error> for AuthError {
    fn from(error: sqlx::Error) -> Self {
        if error
            .as_database_error()
            .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
        {
            return Self::new(422, "user_already_exists", "User already registered");
        }
        catalyst_cli::Error::database("auth cannot use its database")(error).into()
    }
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        // `code` is the number and `error_code` the name in the older shape; client libraries read `error_code` when the
        // answer names no API version, so one shape serves all of them.
        let mut body = json!({ "code": self.status, "error_code": self.code, "msg": self.message });
        if self.weak {
            body["weak_password"] = json!({ "reasons": ["length"] });
        }
        (
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            Json(body),
        )
            .into_response()
    }
}
