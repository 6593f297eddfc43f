//! Errors in the shape that Storage gives them: the status is in the body, HTTP's own is 400.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::json;

/// A request that Storage turns away.
#[derive(Debug)]
pub(super) struct StorageError {
    status: u16,
    error: &'static str,
    message: String,
}

impl StorageError {
    pub(super) fn new(status: u16, error: &'static str, message: &str) -> Self {
        Self {
            status,
            error,
            message: message.to_owned(),
        }
    }

    pub(super) fn no_bucket() -> Self {
        Self::new(404, "Bucket not found", "Bucket not found")
    }

    pub(super) fn no_object() -> Self {
        Self::new(404, "not_found", "Object not found")
    }

    pub(super) fn cut_off() -> Self {
        Self::new(400, "Error", "The upload was cut off")
    }

    pub(super) fn too_large() -> Self {
        Self::new(
            413,
            "Payload too large",
            "The object exceeded the maximum allowed size",
        )
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let refused = error.as_database_error();
        match refused
            .and_then(sqlx::error::DatabaseError::code)
            .as_deref()
        {
            Some("23505") => Self::new(409, "Duplicate", "The resource already exists"),
            Some("42501") => Self::new(
                403,
                "Unauthorized",
                "new row violates row-level security policy",
            ),
            _ => {
                tracing::error!(%error, "storage cannot use its database");
                Self::new(500, "DatabaseError", "Internal server error")
            }
        }
    }
}

impl From<std::io::Error> for StorageError {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "storage cannot use its files");
        Self::new(500, "InternalError", "Internal server error")
    }
}

impl IntoResponse for StorageError {
    fn into_response(self) -> Response {
        let status = match self.status {
            500 => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({"statusCode": self.status.to_string(), "error": self.error, "message": self.message});
        (status, Json(body)).into_response()
    }
}
