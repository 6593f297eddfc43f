//! Sign up, sign in, refresh and sign out.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    response::IntoResponse,
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    error::AuthError,
    request::{Answer, ApiKey, read_json, user_agent},
    session_body::{session_body, signed_in},
    sessions,
    users::{self, NewUser},
    validation::{check_email, check_password},
};
use crate::gateway::state::Gateway;

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    data: Option<Map<String, Value>>,
}

/// `POST /signup`. Addresses are confirmed at once, as on a local stack by default.
pub(super) async fn sign_up(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let asked: Credentials = read_json(&body)?;
    if asked.email.is_empty() {
        return Err(AuthError::new(
            422,
            "anonymous_provider_disabled",
            "Anonymous sign-ins are disabled",
        ));
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
    let session =
        sessions::begin(&gateway.users, user.id, "password", user_agent(&headers)).await?;
    Ok(Json(session_body(&gateway, &user, &session)?).into_response())
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
    _key: ApiKey,
    Query(grant): Query<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let (user, session) = match grant.grant_type.as_str() {
        "password" => {
            let asked: Credentials = read_json(&body)?;
            let user = users::check_password(&gateway.users, asked.email.trim(), &asked.password)
                .await?
                .ok_or_else(|| {
                    AuthError::new(400, "invalid_credentials", "Invalid login credentials")
                })?;
            let session =
                sessions::begin(&gateway.users, user.id, "password", user_agent(&headers)).await?;
            (user, session)
        }
        "refresh_token" => {
            let asked: Refresh = read_json(&body)?;
            sessions::refresh(&gateway.users, &asked.refresh_token).await?
        }
        _ => {
            return Err(AuthError::invalid("unsupported_grant_type"));
        }
    };
    let user = users::find(&gateway.users, user.id).await?.unwrap_or(user);
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(session_body(&gateway, &user, &session)?),
    )
        .into_response())
}

#[derive(Deserialize)]
pub(super) struct Scope {
    scope: Option<String>,
}

/// `POST /logout?scope=global|local|others`.
pub(super) async fn sign_out(
    State(gateway): State<Arc<Gateway>>,
    caller: ApiKey,
    Query(scope): Query<Scope>,
) -> Answer {
    let (user, claims) = signed_in(&gateway, caller.token.as_deref()).await?;
    match scope.scope.as_deref() {
        None | Some("global") => sessions::end(&gateway.users, user.id, None, None).await?,
        Some("local") => {
            sessions::end(&gateway.users, user.id, Some(claims.session_id), None).await?;
        }
        Some("others") => {
            sessions::end(&gateway.users, user.id, None, Some(claims.session_id)).await?;
        }
        Some(_) => {
            return Err(AuthError::invalid("Unsupported logout scope"));
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
