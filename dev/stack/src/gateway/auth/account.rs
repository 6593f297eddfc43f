//! `/user`: a signed-in user's own account.

use std::sync::Arc;

use axum::{Json, body::Bytes, extract::State, response::IntoResponse};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    error::AuthError,
    request::{Answer, ApiKey, read_json},
    session_body::signed_in,
    sessions, users,
    validation::{check_email, check_password},
};
use crate::gateway::state::Gateway;

pub(super) async fn read(State(gateway): State<Arc<Gateway>>, caller: ApiKey) -> Answer {
    let (user, _) = signed_in(&gateway, caller.token.as_deref()).await?;
    Ok(Json(user.to_json()).into_response())
}

#[derive(Deserialize)]
struct UserChange {
    email: Option<String>,
    password: Option<String>,
    data: Option<Map<String, Value>>,
}

pub(super) async fn update(
    State(gateway): State<Arc<Gateway>>,
    caller: ApiKey,
    body: Bytes,
) -> Answer {
    let (user, claims) = signed_in(&gateway, caller.token.as_deref()).await?;
    let asked: UserChange = read_json(&body)?;
    let email = asked.email.as_deref().map(check_email).transpose()?;
    if let Some(password) = &asked.password {
        check_password(password)?;
    }
    let change = users::Change {
        email,
        password: asked.password,
        user_metadata: asked.data,
        ..Default::default()
    };
    let changes_password = change.password.is_some();
    let user = users::update(&gateway.users, user.id, change)
        .await?
        .ok_or_else(AuthError::no_user)?;
    if changes_password {
        sessions::end(&gateway.users, user.id, None, Some(claims.session_id)).await?;
    }
    Ok(Json(user.to_json()).into_response())
}
