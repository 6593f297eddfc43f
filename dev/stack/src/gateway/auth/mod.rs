//! `/auth/v1`: a small stand-in of Supabase Auth that `@supabase/supabase-js` cannot tell from the real one in what it
//! does: sign up, sign in, refresh with rotation, user, sign out, recovery by mail, and the admin calls.

mod refusal;
mod store;
pub(super) mod token;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequestParts, Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use self::{
    refusal::Refusal,
    store::{Session, User},
    token::Claims,
};
use super::{
    Gateway, Mail,
    keys::{self, Key},
};

type Answer = Result<Response, Refusal>;

pub(super) fn router() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/signup", post(sign_up))
        .route("/token", post(grant))
        .route("/logout", post(sign_out))
        .route("/user", get(read_user).put(update_user))
        .route("/recover", post(recover))
        .route("/otp", post(one_time))
        .route("/magiclink", post(one_time))
        .route("/verify", get(verify_link).post(verify))
        .route("/admin/users", get(admin_list).post(admin_create))
        .route("/admin/users/{id}", get(admin_read).put(admin_update).delete(admin_delete))
        .route("/settings", get(settings))
        .route("/health", get(|| async { Json(json!({ "name": "GoTrue", "version": "local", "description": "stand-in of Supabase Auth" })) }))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/openid-configuration", get(discovery))
}

/// A JSON body, whatever its content type says, as Auth reads it.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_json(&format!("Could not parse request body as JSON: {error}"))
    })
}

/// Every call but the public ones needs an API key.
struct ApiKey(Key, Option<String>);

impl FromRequestParts<Arc<Gateway>> for ApiKey {
    type Rejection = keys::Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Self::Rejection> {
        let admitted = keys::admit(&gateway.secrets(), &parts.headers, parts.uri.query())?;
        Ok(Self(admitted.key, admitted.token))
    }
}

/// The user that a request's access token names, and the session it belongs to.
async fn signed_in(gateway: &Gateway, token: Option<&str>) -> Result<(User, Claims), Refusal> {
    let token = token.ok_or_else(|| {
        Refusal::new(
            401,
            "no_authorization",
            "This endpoint requires a valid Bearer token",
        )
    })?;
    let claims = token::verify(&gateway.secrets(), token)?;
    if !store::session_lives(&gateway.users, claims.session_id).await? {
        return Err(Refusal::new(
            403,
            "session_not_found",
            "Session from session_id claim in JWT does not exist",
        ));
    }
    let user = store::find(&gateway.users, claims.sub)
        .await?
        .ok_or_else(|| {
            Refusal::new(
                403,
                "user_not_found",
                "User from sub claim in JWT does not exist",
            )
        })?;
    Ok((user, claims))
}

/// A session as the client libraries read it.
fn session_body(gateway: &Gateway, user: &User, session: &Session) -> Result<Value, Refusal> {
    let (access_token, expires_at) = token::sign(&gateway.secrets(), &gateway.url, user, session)?;
    Ok(json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": token::LIFE_SECONDS,
        "expires_at": expires_at,
        "refresh_token": session.refresh_token,
        "user": user.to_json(),
    }))
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    data: Option<Map<String, Value>>,
}

fn check_email(email: &str) -> Result<String, Refusal> {
    let email = email.trim().to_lowercase();
    let shaped = email.len() <= 255
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        })
        && !email.contains(char::is_whitespace);
    if shaped {
        Ok(email)
    } else {
        Err(Refusal::new(
            400,
            "validation_failed",
            "Unable to validate email address: invalid format",
        ))
    }
}

fn check_password(password: &str) -> Result<(), Refusal> {
    if password.chars().count() < 6 {
        return Err(Refusal::weak_password(
            "Password should be at least 6 characters.",
        ));
    }
    if password.len() > 72 {
        return Err(Refusal::new(
            400,
            "validation_failed",
            "Password cannot be longer than 72 characters",
        ));
    }
    Ok(())
}

/// `POST /signup`. Addresses are confirmed at once, as on a local stack by default.
async fn sign_up(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let asked: Credentials = read(&body)?;
    if asked.email.is_empty() {
        return Err(Refusal::new(
            422,
            "anonymous_provider_disabled",
            "Anonymous sign-ins are disabled",
        ));
    }
    let email = check_email(&asked.email)?;
    if asked.password.is_empty() {
        return Err(Refusal::new(
            400,
            "validation_failed",
            "Signup requires a valid password",
        ));
    }
    check_password(&asked.password)?;
    let user = store::create(
        &gateway.users,
        &email,
        Some(&asked.password),
        asked.data.unwrap_or_default(),
        Map::new(),
        true,
    )
    .await?;
    let session =
        store::begin_session(&gateway.users, user.id, "password", agent(&headers)).await?;
    Ok(Json(session_body(&gateway, &user, &session)?).into_response())
}

#[derive(Deserialize)]
struct Grant {
    #[serde(default)]
    grant_type: String,
}

#[derive(Deserialize)]
struct Refresh {
    #[serde(default)]
    refresh_token: String,
}

/// `POST /token?grant_type=password|refresh_token`.
async fn grant(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    Query(grant): Query<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let (user, session) = match grant.grant_type.as_str() {
        "password" => {
            let asked: Credentials = read(&body)?;
            let user = store::check_password(&gateway.users, asked.email.trim(), &asked.password)
                .await?
                .ok_or_else(|| {
                    Refusal::new(400, "invalid_credentials", "Invalid login credentials")
                })?;
            let session =
                store::begin_session(&gateway.users, user.id, "password", agent(&headers)).await?;
            (user, session)
        }
        "refresh_token" => {
            let asked: Refresh = read(&body)?;
            store::refresh(&gateway.users, &asked.refresh_token).await?
        }
        _ => {
            return Err(Refusal::new(
                400,
                "validation_failed",
                "unsupported_grant_type",
            ));
        }
    };
    let user = store::find(&gateway.users, user.id).await?.unwrap_or(user);
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(session_body(&gateway, &user, &session)?),
    )
        .into_response())
}

#[derive(Deserialize)]
struct Scope {
    scope: Option<String>,
}

/// `POST /logout?scope=global|local|others`.
async fn sign_out(
    State(gateway): State<Arc<Gateway>>,
    ApiKey(_, token): ApiKey,
    Query(scope): Query<Scope>,
) -> Answer {
    let (user, claims) = signed_in(&gateway, token.as_deref()).await?;
    match scope.scope.as_deref() {
        None | Some("global") => store::end_sessions(&gateway.users, user.id, None, None).await?,
        Some("local") => {
            store::end_sessions(&gateway.users, user.id, Some(claims.session_id), None).await?;
        }
        Some("others") => {
            store::end_sessions(&gateway.users, user.id, None, Some(claims.session_id)).await?;
        }
        Some(_) => {
            return Err(Refusal::new(
                400,
                "validation_failed",
                "Unsupported logout scope",
            ));
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn read_user(State(gateway): State<Arc<Gateway>>, ApiKey(_, token): ApiKey) -> Answer {
    let (user, _) = signed_in(&gateway, token.as_deref()).await?;
    Ok(Json(user.to_json()).into_response())
}

#[derive(Deserialize)]
struct UserChange {
    email: Option<String>,
    password: Option<String>,
    data: Option<Map<String, Value>>,
}

async fn update_user(
    State(gateway): State<Arc<Gateway>>,
    ApiKey(_, token): ApiKey,
    body: Bytes,
) -> Answer {
    let (user, claims) = signed_in(&gateway, token.as_deref()).await?;
    let asked: UserChange = read(&body)?;
    let email = asked.email.as_deref().map(check_email).transpose()?;
    if let Some(password) = &asked.password {
        check_password(password)?;
    }
    let change = store::Change {
        email,
        password: asked.password,
        user_metadata: asked.data,
        ..Default::default()
    };
    let changes_password = change.password.is_some();
    let user = store::update(&gateway.users, user.id, change)
        .await?
        .ok_or_else(Refusal::no_user)?;
    if changes_password {
        store::end_sessions(&gateway.users, user.id, None, Some(claims.session_id)).await?;
    }
    Ok(Json(user.to_json()).into_response())
}

#[derive(Deserialize)]
struct MailAsked {
    #[serde(default)]
    email: String,
    create_user: Option<bool>,
    data: Option<Map<String, Value>>,
}

/// `POST /recover`: answers alike whether the address is known or not.
async fn recover(State(gateway): State<Arc<Gateway>>, _key: ApiKey, body: Bytes) -> Answer {
    let asked: MailAsked = read(&body)?;
    let email = check_email(&asked.email)?;
    if let Some(user) = store::find_by_email(&gateway.users, &email).await? {
        send_link(&gateway, &user, "recovery", "Reset your password").await?;
    }
    Ok(Json(json!({})).into_response())
}

/// `POST /otp`: a link and six digits by mail, for a new or a known user.
async fn one_time(State(gateway): State<Arc<Gateway>>, _key: ApiKey, body: Bytes) -> Answer {
    let asked: MailAsked = read(&body)?;
    let email = check_email(&asked.email)?;
    let user = match store::find_by_email(&gateway.users, &email).await? {
        Some(user) => user,
        None if asked.create_user == Some(false) => {
            return Err(Refusal::new(
                422,
                "otp_disabled",
                "Signups not allowed for otp",
            ));
        }
        None => {
            store::create(
                &gateway.users,
                &email,
                None,
                asked.data.unwrap_or_default(),
                Map::new(),
                false,
            )
            .await?
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
) -> Result<(), Refusal> {
    let otp = format!("{:06}", fastrand::u32(0..1_000_000));
    let hash = store::one_time_hash(&user.email, &otp);
    store::keep_one_time(&gateway.users, user, kind, &hash).await?;
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
struct Proof {
    #[serde(default)]
    email: String,
    #[serde(default)]
    token: String,
    token_hash: Option<String>,
    #[serde(default)]
    redirect_to: Option<String>,
}

async fn redeem(gateway: &Gateway, proof: &Proof, headers: &HeaderMap) -> Result<Value, Refusal> {
    let hash = match &proof.token_hash {
        Some(hash) => hash.clone(),
        None if proof.email.is_empty() => proof.token.clone(),
        None => store::one_time_hash(&proof.email.trim().to_lowercase(), &proof.token),
    };
    let user = store::redeem_one_time(&gateway.users, &hash)
        .await?
        .ok_or_else(|| Refusal::new(403, "otp_expired", "Email link is invalid or has expired"))?;
    let session = store::begin_session(&gateway.users, user.id, "otp", agent(headers)).await?;
    session_body(gateway, &user, &session)
}

async fn verify(
    State(gateway): State<Arc<Gateway>>,
    _key: ApiKey,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    Ok(Json(redeem(&gateway, &read(&body)?, &headers).await?).into_response())
}

/// The link in a mail: ends at the site with the session in the fragment.
async fn verify_link(
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

/// The admin calls want the secret key.
fn admin(ApiKey(key, token): &ApiKey) -> Result<(), Refusal> {
    if *key == Key::Secret && token.is_none() {
        return Ok(());
    }
    Err(Refusal::new(403, "not_admin", "User not allowed"))
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

async fn admin_create(State(gateway): State<Arc<Gateway>>, key: ApiKey, body: Bytes) -> Answer {
    admin(&key)?;
    let asked: AdminChange = read(&body)?;
    let email = check_email(asked.email.as_deref().unwrap_or_default())?;
    let user = store::create(
        &gateway.users,
        &email,
        asked.password.as_deref(),
        asked.user_metadata.unwrap_or_default(),
        asked.app_metadata.unwrap_or_default(),
        asked.email_confirm.unwrap_or(false),
    )
    .await?;
    Ok(Json(user.to_json()).into_response())
}

async fn admin_list(State(gateway): State<Arc<Gateway>>, key: ApiKey) -> Answer {
    admin(&key)?;
    let users: Vec<_> = store::list(&gateway.users)
        .await?
        .iter()
        .map(User::to_json)
        .collect();
    Ok(Json(json!({ "users": users, "aud": "authenticated" })).into_response())
}

async fn admin_read(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    Path(id): Path<Uuid>,
) -> Answer {
    admin(&key)?;
    let user = store::find(&gateway.users, id)
        .await?
        .ok_or_else(Refusal::no_user)?;
    Ok(Json(user.to_json()).into_response())
}

async fn admin_update(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer {
    admin(&key)?;
    let asked: AdminChange = read(&body)?;
    let email = asked.email.as_deref().map(check_email).transpose()?;
    let change = store::Change {
        email,
        password: asked.password,
        user_metadata: asked.user_metadata,
        app_metadata: asked.app_metadata,
        banned: asked.ban_duration.map(|duration| duration != "none"),
    };
    let user = store::update(&gateway.users, id, change)
        .await?
        .ok_or_else(Refusal::no_user)?;
    Ok(Json(user.to_json()).into_response())
}

async fn admin_delete(
    State(gateway): State<Arc<Gateway>>,
    key: ApiKey,
    Path(id): Path<Uuid>,
) -> Answer {
    admin(&key)?;
    let user = store::delete(&gateway.users, id)
        .await?
        .ok_or_else(Refusal::no_user)?;
    Ok(Json(user.to_json()).into_response())
}

async fn settings(_key: ApiKey) -> Json<Value> {
    Json(json!({
        "external": { "email": true, "phone": false, "anonymous_users": false },
        "disable_signup": false, "mailer_autoconfirm": true, "phone_autoconfirm": false, "saml_enabled": false,
    }))
}

/// The public keys: in use, standing by, and retired ones.
async fn jwks(State(gateway): State<Arc<Gateway>>) -> Response {
    let keys: Vec<_> = gateway
        .secrets()
        .signing_keys
        .iter()
        .map(crate::secrets::SigningKey::jwk)
        .collect();
    (
        [(header::CACHE_CONTROL, "public, max-age=600")],
        Json(json!({ "keys": keys })),
    )
        .into_response()
}

async fn discovery(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let issuer = token::issuer(&gateway.url);
    Json(json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/.well-known/jwks.json") }))
}

fn agent(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
}
