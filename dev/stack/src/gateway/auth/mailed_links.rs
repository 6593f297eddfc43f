//! Recovery and sign-in by a link and six digits that are mailed. What is kept of them is a hash, in the table that hosted
//! projects keep it in.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::{Json, body::Bytes, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::request::{Answer, AuthError, check_email, read_json};
use super::users::{self, NewUser, User};
use super::{sessions, token};
use crate::gateway::api_key::{Caller, text};
use crate::gateway::state::{Gateway, Mail};

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
    _caller: Caller,
    body: Bytes,
) -> Answer {
    let asked: LinkRequest = read_json(&body)?;
    let email = check_email(&asked.email)?;
    if let Some(user) = users::find_by_email(&gateway.users, &email).await? {
        send_link(&gateway, user, "recovery", "Reset your password").await?;
    }
    Ok(Json(json!({})))
}

/// `POST /otp`: a link and six digits by mail, for a new or a known user.
pub(super) async fn one_time(
    State(gateway): State<Arc<Gateway>>,
    _caller: Caller,
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
    send_link(&gateway, user, "magiclink", "Your sign-in link").await?;
    Ok(Json(json!({})))
}

async fn send_link(
    gateway: &Gateway,
    user: User,
    kind: &str,
    subject: &str,
) -> Result<(), AuthError> {
    let otp = format!("{:06}", fastrand::u32(0..1_000_000));
    let hash = hash(&user.email, &otp);
    sqlx::query(
        "with replaced as (delete from auth.one_time_tokens where user_id = $1 and token_type = $2)
         insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to) values ($1, $2, $3, $4)",
    )
    .bind(user.id)
    .bind(kind)
    .bind(&hash)
    .bind(&user.email)
    .execute(&gateway.users)
    .await?;
    let mut inbox = gateway.inbox();
    if inbox.len() == 500 {
        inbox.remove(0);
    }
    inbox.push(Mail {
        to: user.email,
        subject: subject.to_owned(),
        link: format!("{}/auth/v1/verify?token={hash}&type={kind}", gateway.url),
        otp,
        sent_at: jiff::Timestamp::now().to_string(),
    });
    Ok(())
}

fn hash(email: &str, otp: &str) -> String {
    catalyst_cli::migrate::checksum(format!("{email}{otp}").as_bytes())
}

#[derive(Deserialize)]
pub(super) struct Proof {
    #[serde(default)]
    email: String,
    #[serde(default)]
    token: String,
    token_hash: Option<String>,
    redirect_to: Option<String>,
}

/// Takes a code that is less than an hour old, once, for a session.
async fn redeem(gateway: &Gateway, proof: &Proof, headers: &HeaderMap) -> Answer {
    let hash = match &proof.token_hash {
        Some(hash) => hash.clone(),
        None if proof.email.is_empty() => proof.token.clone(),
        None => hash(&proof.email.trim().to_lowercase(), &proof.token),
    };
    let expired = || AuthError::new(403, "otp_expired", "Email link is invalid or has expired");
    let user: Option<Uuid> = sqlx::query_scalar(
        "delete from auth.one_time_tokens where token_hash = $1 and created_at > now() - interval '1 hour' returning user_id",
    )
    .bind(hash)
    .fetch_optional(&gateway.users)
    .await?;
    let user = user.ok_or_else(expired)?;
    let user = users::find(&gateway.users, user)
        .await?
        .ok_or_else(expired)?;
    let agent = text(headers, "user-agent");
    let session = sessions::begin(&gateway.users, user.id, "otp", agent).await?;
    sessions::body(gateway, &user, &session)
}

pub(super) async fn verify(
    State(gateway): State<Arc<Gateway>>,
    _caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    redeem(&gateway, &read_json(&body)?, &headers).await
}

/// The link in a mail: ends at the site with the session in the fragment.
pub(super) async fn verify_link(
    State(gateway): State<Arc<Gateway>>,
    Query(proof): Query<Proof>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, AuthError> {
    let Json(session) = redeem(&gateway, &proof, &headers).await?;
    let site = proof
        .redirect_to
        .as_deref()
        .unwrap_or("http://127.0.0.1:54330");
    let text = |name: &str| session[name].as_str().unwrap_or_default();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    let lasts = token::LIFE_SECONDS;
    let session = format!("access_token={access}&expires_in={lasts}&refresh_token={refresh}");
    let target = format!("{site}#{session}&token_type=bearer");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, target)]))
}
