//! What calls of Auth read of their requests, and its errors in the shape that it gives them.

use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::error::DatabaseError;

/// What most calls answer.
pub(super) type Answer = Result<Json<Value>, AuthError>;

/// A request that Auth turns away.
#[derive(Debug)]
pub(super) struct AuthError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl AuthError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            status,
            code,
            message: message.into(),
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
        let message = "Unexpected failure, please check server logs for more information";
        Self::new(500, "unexpected_failure", message)
    }
}

impl From<sqlx::Error> for AuthError {
    fn from(error: sqlx::Error) -> Self {
        if error
            .as_database_error()
            .is_some_and(DatabaseError::is_unique_violation)
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
        let mut body =
            json!({ "code": self.status.as_u16(), "error_code": self.code, "msg": self.message });
        if self.code == "weak_password" {
            body["weak_password"] = json!({ "reasons": ["length"] });
        }
        (self.status, Json(body)).into_response()
    }
}

/// A JSON body, whatever its content type says, as Auth reads it.
pub(super) fn read_json<T: DeserializeOwned>(body: &Bytes) -> Result<T, AuthError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("Could not parse request body as JSON: {error}");
        AuthError::new(400, "bad_json", message)
    })
}

/// An address of the right form, in small letters.
pub(super) fn check_email(email: &str) -> Result<String, AuthError> {
    let email = email.trim().to_lowercase();
    let (name, host) = email.split_once('@').unwrap_or_default();
    let is_host = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    let is_one_word = !email.contains(char::is_whitespace);
    if email.len() <= 255 && !name.is_empty() && is_host && is_one_word {
        return Ok(email);
    }
    Err(AuthError::invalid(
        "Unable to validate email address: invalid format",
    ))
}

pub(super) fn check_password(password: &str) -> Result<(), AuthError> {
    if password.chars().count() < 6 {
        let message = "Password should be at least 6 characters.";
        return Err(AuthError::new(422, "weak_password", message));
    }
    if password.len() > 72 {
        return Err(AuthError::invalid(
            "Password cannot be longer than 72 characters",
        ));
    }
    Ok(())
}
