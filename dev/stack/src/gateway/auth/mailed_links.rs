//! Recovery and sign-in by a link and six digits that are mailed.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    response::IntoResponse,
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    error::AuthError,
    one_time_tokens,
    request::{Answer, ApiKey, read_json, user_agent},
    session_body::session_body,
    sessions, token,
    users::{self, NewUser, User},
    validation::check_email,
};
use crate::gateway::{inbox::Mail, state::Gateway};

#[derive(Deserialize)]
struct LinkRequest {
    #[serde(default)]
    email: String,
    create_user: Option<bool>,
    data: Option<Map<String, Value>>,
}

/// `POST /recover`: answers alike whether the address is known or not.
pub(super) async fn recover(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    body: Bytes,
) -> Answer {
    let asked: LinkRequest = read_json(&body)?;
    let email = check_email(&asked.email)?;
    if let Some(user) = users::find_by_email(&gateway.users, &email).await? {
        send_link(&gateway, &user, "recovery", "Reset your password").await?;
    }
    Ok(Json(json!({})).into_response())
}

/// `POST /otp`: a link and six digits by mail, for a new or a known user.
pub(super) async fn one_time(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    body: Bytes,
) -> Answer {
    let asked: LinkRequest = read_json(&body)?;
    let email = check_email(&asked.email)?;
    let user = match users::find_by_email(&gateway.users, &email).await? {
        Some(user) => user,
        None if asked.create_user == Some(false) => {
            return Err(AuthError::new(
                422,
                "otp_disabled",
                "Signups not allowed for otp",
            ));
        }
        None => {
            let user_metadata = asked.data.unwrap_or_default();
            let new = NewUser {
                email,
                user_metadata,
                ..NewUser::default()
            };
            users::create(&gateway.users, new).await?
        }
    };
    send_link(&gateway, &user, "magiclink", "Your sign-in link").await?;
    Ok(Json(json!({})).into_response())
}

async fn send_link(
    gateway: &Gateway,
    user: &User,
    kind: &str,
    subject: &str,
) -> Result<(), AuthError> {
    let otp = format!("{:06}", fastrand::u32(0..1_000_000));
    let hash = one_time_tokens::hash(&user.email, &otp);
    one_time_tokens::keep(&gateway.users, user, kind, &hash).await?;
    gateway.inbox.keep(Mail {
        to: user.email.clone(),
        subject: subject.to_owned(),
        link: format!("{}/auth/v1/verify?token={hash}&type={kind}", gateway.url),
        otp,
        sent_at: jiff::Timestamp::now().to_string(),
    });
    Ok(())
}

#[derive(Deserialize)]
pub(super) struct Proof {
    #[serde(default)]
    email: String,
    #[serde(default)]
    token: String,
    token_hash: Option<String>,
    #[serde(default)]
    redirect_to: Option<String>,
}

async fn redeem(gateway: &Gateway, proof: &Proof, headers: &HeaderMap) -> Result<Value, AuthError> {
    let hash = match &proof.token_hash {
        Some(hash) => hash.clone(),
        None if proof.email.is_empty() => proof.token.clone(),
        None => one_time_tokens::hash(&proof.email.trim().to_lowercase(), &proof.token),
    };
    let user = one_time_tokens::redeem(&gateway.users, &hash)
        .await?
        .ok_or_else(|| {
            AuthError::new(403, "otp_expired", "Email link is invalid or has expired")
        })?;
    let session = sessions::begin(&gateway.users, user.id, "otp", user_agent(headers)).await?;
    session_body(gateway, &user, &session)
}

pub(super) async fn verify(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    Ok(Json(redeem(&gateway, &read_json(&body)?, &headers).await?).into_response())
}

/// The link in a mail: ends at the site with the session in the fragment.
pub(super) async fn verify_link(
    State(gateway): State<Arc<Gateway>>,
    Query(proof): Query<Proof>,
    headers: HeaderMap,
) -> Answer {
    let session = redeem(&gateway, &proof, &headers).await?;
    let site = proof
        .redirect_to
        .clone()
        .unwrap_or_else(|| "http://127.0.0.1:3000".to_owned());
    let text = |name: &str| session[name].as_str().unwrap_or_default().to_owned();
    let target = format!(
        "{site}#access_token={}&expires_in={}&refresh_token={}&token_type=bearer",
        text("access_token"),
        token::LIFE_SECONDS,
        text("refresh_token"),
    );
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response())
}
