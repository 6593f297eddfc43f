//! A user's own account: sign up, sign in, refresh, sign out, and what `/user` shows and changes.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::{Json, body::Bytes, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::request::{Answer, AuthError, check_email, check_password, read_json};
use super::sessions::{self, signed_in};
use super::users::{self, Change, NewUser};
use crate::gateway::api_key::{Caller, text};
use crate::gateway::state::Gateway;

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    data: Option<Map<String, Value>>,
}

/// `POST /signup`. Addresses are confirmed at once, as on a local stack by default.
pub(super) async fn sign_up(
    State(gateway): State<Arc<Gateway>>,
    _caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let asked: Login = read_json(&body)?;
    if asked.email.is_empty() {
        let message = "Anonymous sign-ins are disabled";
        return Err(AuthError::new(422, "anonymous_provider_disabled", message));
    }
    let email = check_email(&asked.email)?;
    if asked.password.is_empty() {
        return Err(AuthError::invalid("Signup requires a valid password"));
    }
    check_password(&asked.password)?;
    let new = NewUser {
        email,
        password: Some(asked.password),
        user_metadata: asked.data.unwrap_or_default(),
        confirmed: true,
        ..NewUser::default()
    };
    let user = users::create(&gateway.users, new).await?;
    let agent = text(&headers, "user-agent");
    let session = sessions::begin(&gateway.users, user.id, "password", agent).await?;
    sessions::body(&gateway, &user, &session)
}

#[derive(Deserialize)]
pub(super) struct Grant {
    #[serde(default)]
    grant_type: String,
}

#[derive(Deserialize)]
struct Refresh {
    #[serde(default)]
    refresh_token: String,
}

/// `POST /token?grant_type=password|refresh_token`.
pub(super) async fn grant(
    State(gateway): State<Arc<Gateway>>,
    _caller: Caller,
    Query(grant): Query<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, AuthError> {
    let users = &gateway.users;
    let (user, session) = match grant.grant_type.as_str() {
        "password" => {
            let asked: Login = read_json(&body)?;
            let user = users::check_password(users, asked.email.trim(), &asked.password).await?;
            let agent = text(&headers, "user-agent");
            let session = sessions::begin(users, user.id, "password", agent).await?;
            (user, session)
        }
        "refresh_token" => {
            let asked: Refresh = read_json(&body)?;
            sessions::refresh(users, &asked.refresh_token, None).await?
        }
        _ => return Err(AuthError::invalid("unsupported_grant_type")),
    };
    let user = users::find(users, user.id).await?.unwrap_or(user);
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    Ok((uncached, sessions::body(&gateway, &user, &session)?))
}

#[derive(Deserialize)]
pub(super) struct Scope {
    scope: Option<String>,
}

/// `POST /logout?scope=global|local|others`.
pub(super) async fn sign_out(
    State(gateway): State<Arc<Gateway>>,
    caller: Caller,
    Query(asked): Query<Scope>,
) -> Result<StatusCode, AuthError> {
    let (user, claims) = signed_in(&gateway, caller.token).await?;
    let this = Some(claims.session_id);
    let (only, all_but) = match asked.scope.as_deref() {
        None | Some("global") => (None, None),
        Some("local") => (this, None),
        Some("others") => (None, this),
        Some(_) => return Err(AuthError::invalid("Unsupported logout scope")),
    };
    sessions::end(&gateway.users, user.id, only, all_but).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn read(State(gateway): State<Arc<Gateway>>, caller: Caller) -> Answer {
    let (user, _) = signed_in(&gateway, caller.token).await?;
    Ok(Json(user.to_json()))
}

#[derive(Deserialize)]
struct UserChange {
    email: Option<String>,
    password: Option<String>,
    data: Option<Map<String, Value>>,
}

pub(super) async fn update(
    State(gateway): State<Arc<Gateway>>,
    caller: Caller,
    body: Bytes,
) -> Answer {
    let (user, claims) = signed_in(&gateway, caller.token).await?;
    let asked: UserChange = read_json(&body)?;
    asked.password.as_deref().map(check_password).transpose()?;
    let changes_password = asked.password.is_some();
    let change = Change {
        email: asked.email.as_deref().map(check_email).transpose()?,
        password: asked.password,
        user_metadata: asked.data,
        ..Change::default()
    };
    let user = users::update(&gateway.users, user.id, change).await?;
    if changes_password {
        sessions::end(&gateway.users, user.id, None, Some(claims.session_id)).await?;
    }
    Ok(Json(user.to_json()))
}
