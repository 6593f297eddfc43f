//! `/admin/users`: what the secret key may do.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    error::AuthError,
    request::{Answer, ApiKey, read_json},
    users::{self, NewUser, User},
    validation::check_email,
};
use crate::gateway::state::Gateway;

#[derive(Deserialize)]
struct AdminChange {
    email: Option<String>,
    password: Option<String>,
    user_metadata: Option<Map<String, Value>>,
    app_metadata: Option<Map<String, Value>>,
    ban_duration: Option<String>,
    email_confirm: Option<bool>,
}

pub(super) async fn create(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    body: Bytes,
) -> Answer {
    key.is_admin()?;
    let asked: AdminChange = read_json(&body)?;
    let email = check_email(asked.email.as_deref().unwrap_or_default())?;
    let new = NewUser {
        email,
        password: asked.password,
        user_metadata: asked.user_metadata.unwrap_or_default(),
        app_metadata: asked.app_metadata.unwrap_or_default(),
        confirmed: asked.email_confirm.unwrap_or(false),
    };
    let user = users::create(&gateway.users, new).await?;
    Ok(Json(user.to_json()).into_response())
}

pub(super) async fn list(State(gateway): State<Arc<Gateway>>, key: ApiKey) -> Answer {
    key.is_admin()?;
    let users: Vec<_> = users::list(&gateway.users)
        .await?
        .iter()
        .map(User::to_json)
        .collect();
    Ok(Json(json!({ "users": users, "aud": "authenticated" })).into_response())
}

pub(super) async fn read(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    Path(id): Path<Uuid>,
) -> Answer {
    key.is_admin()?;
    let user = users::find(&gateway.users, id)
        .await?
        .ok_or_else(AuthError::no_user)?;
    Ok(Json(user.to_json()).into_response())
}

pub(super) async fn update(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer {
    key.is_admin()?;
    let asked: AdminChange = read_json(&body)?;
    let email = asked.email.as_deref().map(check_email).transpose()?;
    let change = users::Change {
        email,
        password: asked.password,
        user_metadata: asked.user_metadata,
        app_metadata: asked.app_metadata,
        banned: asked.ban_duration.map(|duration| duration != "none"),
    };
    let user = users::update(&gateway.users, id, change)
        .await?
        .ok_or_else(AuthError::no_user)?;
    Ok(Json(user.to_json()).into_response())
}

pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    Path(id): Path<Uuid>,
) -> Answer {
    key.is_admin()?;
    let user = users::delete(&gateway.users, id)
        .await?
        .ok_or_else(AuthError::no_user)?;
    Ok(Json(user.to_json()).into_response())
}
