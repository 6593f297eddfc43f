//! Who calls: a role, and the claims that row level security reads.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::error::StorageError;
use crate::gateway::api_key::{self, Key};
use crate::gateway::{auth::token, state::Gateway};

/// The caller by the bearer token, or by the API key where there is no token.
#[derive(Debug)]
pub(super) struct Caller {
    claims: Value,
}

impl FromRequestParts<Arc<Gateway>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Response> {
        let shown = api_key::Caller::from_request_parts(parts, gateway).await;
        let shown = shown.map_err(IntoResponse::into_response)?;
        let claims = match (shown.token, shown.key) {
            (Some(token), _) => token::claims(&gateway.secrets(), &token),
            (None, Key::Publishable) => Some(json!({"role": "anon"})),
            (None, Key::Secret) => Some(json!({"role": "service_role"})),
        };
        let is_known = |claims: &Value| {
            let role = claims["role"].as_str().unwrap_or_default();
            ["anon", "authenticated", "service_role"].contains(&role)
        };
        let claims = claims.filter(is_known).ok_or_else(|| {
            StorageError::new(403, "Unauthorized", "jwt malformed").into_response()
        })?;
        Ok(Self { claims })
    }
}

impl Caller {
    /// The user's id, where a user calls.
    pub(super) fn user(&self) -> Option<Uuid> {
        self.claims["sub"].as_str()?.parse().ok()
    }

    /// A transaction in the caller's role.
    pub(super) async fn begin(
        &self,
        gateway: &Gateway,
    ) -> Result<Transaction<'static, Postgres>, StorageError> {
        let mut rows = gateway.storage.begin().await?;
        sqlx::query(
            "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
        )
        .bind(self.claims["role"].as_str())
        .bind(self.claims.to_string())
        .execute(&mut *rows)
        .await?;
        Ok(rows)
    }
}
