//! `/admin/users`: what the secret key may do.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use http::request::Parts;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::request::{Answer, AuthError, check_email, read_json};
use super::users::{self, Change, NewUser, User};
use crate::gateway::api_key::{Caller, Key};
use crate::gateway::state::Gateway;

/// A caller with the secret key.
pub(super) struct Admin;

impl FromRequestParts<Arc<Gateway>> for Admin {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Response> {
        match Caller::from_request_parts(parts, gateway).await {
            Ok(Caller {
                key: Key::Secret,
                token: None,
            }) => Ok(Self),
            Ok(_) => Err(AuthError::new(403, "not_admin", "User not allowed").into_response()),
            Err(refused) => Err(refused.into_response()),
        }
    }
}

#[derive(Deserialize)]
struct AdminChange {
    email: Option<String>,
    password: Option<String>,
    user_metadata: Option<Map<String, Value>>,
    app_metadata: Option<Map<String, Value>>,
    ban_duration: Option<String>,
    email_confirm: Option<bool>,
}

pub(super) async fn create(State(gateway): State<Arc<Gateway>>, _: Admin, body: Bytes) -> Answer {
    let asked: AdminChange = read_json(&body)?;
    let new = NewUser {
        email: check_email(asked.email.as_deref().unwrap_or_default())?,
        password: asked.password,
        user_metadata: asked.user_metadata.unwrap_or_default(),
        app_metadata: asked.app_metadata.unwrap_or_default(),
        confirmed: asked.email_confirm.unwrap_or(false),
    };
    Ok(Json(users::create(&gateway.users, new).await?.to_json()))
}

pub(super) async fn list(State(gateway): State<Arc<Gateway>>, _: Admin) -> Answer {
    let users = users::list(&gateway.users).await?;
    let users: Vec<_> = users.iter().map(User::to_json).collect();
    Ok(Json(json!({ "users": users, "aud": "authenticated" })))
}

pub(super) async fn read(
    State(gateway): State<Arc<Gateway>>,
    _: Admin,
    Path(id): Path<Uuid>,
) -> Answer {
    let user = users::find(&gateway.users, id)
        .await?
        .ok_or_else(AuthError::no_user)?;
    Ok(Json(user.to_json()))
}

pub(super) async fn update(
    State(gateway): State<Arc<Gateway>>,
    _: Admin,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer {
    let asked: AdminChange = read_json(&body)?;
    let change = Change {
        email: asked.email.as_deref().map(check_email).transpose()?,
        password: asked.password,
        user_metadata: asked.user_metadata,
        app_metadata: asked.app_metadata,
        banned: asked.ban_duration.map(|duration| duration != "none"),
    };
    Ok(Json(
        users::update(&gateway.users, id, change).await?.to_json(),
    ))
}

pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    _: Admin,
    Path(id): Path<Uuid>,
) -> Answer {
    Ok(Json(users::delete(&gateway.users, id).await?.to_json()))
}
