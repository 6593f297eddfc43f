//! Users, sessions and refresh tokens, in the tables that hosted projects keep them in.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use super::refusal::Refusal;
use crate::secrets::random_word;

/// A user.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct User {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) app_metadata: Json<Value>,
    pub(super) user_metadata: Json<Value>,
    confirmed_at: Option<i64>,
    last_sign_in_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
    banned: bool,
}

/// A session, and the refresh token that is good for it now.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) method: String,
    pub(super) created_at: i64,
    pub(super) refresh_token: String,
}

/// What an update changes.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) email: Option<String>,
    pub(super) password: Option<String>,
    pub(super) user_metadata: Option<Map<String, Value>>,
    pub(super) app_metadata: Option<Map<String, Value>>,
    pub(super) banned: Option<bool>,
}

/// The columns of [`User`], times in microseconds.
macro_rules! user {
    ($rest:literal) => {
        concat!(
            "select id, email, raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata, \
             (extract(epoch from email_confirmed_at) * 1000000)::bigint as confirmed_at, \
             (extract(epoch from last_sign_in_at) * 1000000)::bigint as last_sign_in_at, \
             (extract(epoch from created_at) * 1000000)::bigint as created_at, \
             (extract(epoch from updated_at) * 1000000)::bigint as updated_at, \
             coalesce(banned_until > now(), false) as banned \
             from auth.users where deleted_at is null and ",
            $rest
        )
    };
}

impl User {
    /// The user as the API shows it.
    pub(super) fn to_json(&self) -> Value {
        let time = |at: Option<i64>| {
            at.and_then(|at| Timestamp::from_microsecond(at).ok())
                .map(|at| at.to_string())
        };
        let mut user = json!({
            "id": self.id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": self.email,
            "phone": "",
            "last_sign_in_at": time(self.last_sign_in_at),
            "app_metadata": self.app_metadata,
            "user_metadata": self.user_metadata,
            "identities": [{
                "identity_id": self.id,
                "id": self.id,
                "user_id": self.id,
                "identity_data": { "email": self.email, "email_verified": self.confirmed_at.is_some(), "phone_verified": false, "sub": self.id },
                "provider": "email",
                "email": self.email,
                "last_sign_in_at": time(self.last_sign_in_at),
                "created_at": time(Some(self.created_at)),
                "updated_at": time(Some(self.updated_at)),
            }],
            "created_at": time(Some(self.created_at)),
            "updated_at": time(Some(self.updated_at)),
            "is_anonymous": false,
        });
        if self.confirmed_at.is_some() {
            user["email_confirmed_at"] = json!(time(self.confirmed_at));
            user["confirmed_at"] = json!(time(self.confirmed_at));
        }
        user
    }
}

fn randomness(_: catalyst_cli::Error) -> Refusal {
    Refusal::new(500, "unexpected_failure", "no random numbers")
}

pub(super) async fn create(
    pool: &PgPool,
    email: &str,
    password: Option<&str>,
    user_metadata: Map<String, Value>,
    app_metadata: Map<String, Value>,
    confirmed: bool,
) -> Result<User, Refusal> {
    let id = Uuid::new_v4();
    let mut shown = Map::new();
    shown.insert("email".to_owned(), email.into());
    shown.insert("email_verified".to_owned(), confirmed.into());
    shown.insert("phone_verified".to_owned(), false.into());
    shown.insert("sub".to_owned(), id.to_string().into());
    shown.extend(user_metadata);
    let mut app = Map::new();
    app.insert("provider".to_owned(), "email".into());
    app.insert("providers".to_owned(), json!(["email"]));
    app.extend(app_metadata);
    sqlx::query(
        "insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data, raw_app_meta_data)
         values ($1, $2, extensions.crypt($3, extensions.gen_salt('bf')), case when $4 then now() end, $5, $6)",
    )
    .bind(id)
    .bind(email)
    .bind(password)
    .bind(confirmed)
    .bind(Json(shown))
    .bind(Json(app))
    .execute(pool)
    .await?;
    find(pool, id).await?.ok_or_else(Refusal::no_user)
}

pub(super) async fn find(pool: &PgPool, id: Uuid) -> Result<Option<User>, Refusal> {
    Ok(sqlx::query_as(user!("id = $1"))
        .bind(id)
        .fetch_optional(pool)
        .await?)
}

pub(super) async fn find_by_email(pool: &PgPool, email: &str) -> Result<Option<User>, Refusal> {
    Ok(sqlx::query_as(user!("lower(email) = lower($1)"))
        .bind(email)
        .fetch_optional(pool)
        .await?)
}

pub(super) async fn list(pool: &PgPool) -> Result<Vec<User>, Refusal> {
    Ok(sqlx::query_as(user!("true order by created_at limit 1000"))
        .fetch_all(pool)
        .await?)
}

pub(super) async fn check_password(
    pool: &PgPool,
    email: &str,
    password: &str,
) -> Result<Option<User>, Refusal> {
    let user: Option<User> = sqlx::query_as(user!(
        "lower(email) = lower($1) and encrypted_password = extensions.crypt($2, encrypted_password)"
    ))
    .bind(email)
    .bind(password)
    .fetch_optional(pool)
    .await?;
    match user {
        Some(user) if user.banned => Err(Refusal::new(400, "user_banned", "User is banned")),
        Some(user) if user.confirmed_at.is_none() => Err(Refusal::new(
            400,
            "email_not_confirmed",
            "Email not confirmed",
        )),
        user => Ok(user),
    }
}

pub(super) async fn update(
    pool: &PgPool,
    id: Uuid,
    change: Change,
) -> Result<Option<User>, Refusal> {
    sqlx::query(
        "update auth.users set
           email = coalesce($2, email),
           encrypted_password = coalesce(extensions.crypt($3, extensions.gen_salt('bf')), encrypted_password),
           raw_user_meta_data = jsonb_strip_nulls(raw_user_meta_data || coalesce($4, '{}')),
           raw_app_meta_data = jsonb_strip_nulls(raw_app_meta_data || coalesce($5, '{}')),
           banned_until = case $6 when true then timestamptz '2999-01-01' when false then null else banned_until end,
           updated_at = now()
         where id = $1",
    )
    .bind(id)
    .bind(change.email)
    .bind(change.password)
    .bind(change.user_metadata.map(Json))
    .bind(change.app_metadata.map(Json))
    .bind(change.banned)
    .execute(pool)
    .await?;
    find(pool, id).await
}

pub(super) async fn delete(pool: &PgPool, id: Uuid) -> Result<Option<User>, Refusal> {
    let user = find(pool, id).await?;
    sqlx::query("delete from auth.users where id = $1")
        .bind(id)
        .execute(pool)
        .await?;
    Ok(user)
}

pub(super) async fn begin_session(
    pool: &PgPool,
    user: Uuid,
    method: &str,
    agent: Option<&str>,
) -> Result<Session, Refusal> {
    let refresh_token = random_word(22).map_err(randomness)?;
    let (id, created_at): (Uuid, i64) = sqlx::query_as(
        "with signed as (update auth.users set last_sign_in_at = now(), email_confirmed_at = coalesce(email_confirmed_at, now()) where id = $1),
         begun as (
           insert into auth.sessions (user_id, method, user_agent) values ($1, $2, $3)
           returning id, extract(epoch from created_at)::bigint as created_at)
         select id, created_at from begun",
    )
    .bind(user)
    .bind(method)
    .bind(agent)
    .fetch_one(pool)
    .await?;
    sqlx::query("insert into auth.refresh_tokens (token, user_id, session_id) values ($1, $2, $3)")
        .bind(&refresh_token)
        .bind(user)
        .bind(id)
        .execute(pool)
        .await?;
    Ok(Session {
        id,
        method: method.to_owned(),
        created_at,
        refresh_token,
    })
}

pub(super) async fn session_lives(pool: &PgPool, id: Uuid) -> Result<bool, Refusal> {
    Ok(
        sqlx::query_scalar("select exists (select from auth.sessions where id = $1)")
            .bind(id)
            .fetch_one(pool)
            .await?,
    )
}

/// Ends a user's sessions: one, all but one, or all.
pub(super) async fn end_sessions(
    pool: &PgPool,
    user: Uuid,
    only: Option<Uuid>,
    all_but: Option<Uuid>,
) -> Result<(), Refusal> {
    sqlx::query("delete from auth.sessions where user_id = $1 and ($2::uuid is null or id = $2) and ($3::uuid is null or id <> $3)")
        .bind(user)
        .bind(only)
        .bind(all_but)
        .execute(pool)
        .await?;
    Ok(())
}

/// Trades a refresh token for the next one. A token used twice within ten seconds gives the one that took its place (two
/// tabs refresh at once); used later, it was stolen, and its session ends.
pub(super) async fn refresh(pool: &PgPool, token: &str) -> Result<(User, Session), Refusal> {
    let unknown = || {
        Refusal::new(
            400,
            "refresh_token_not_found",
            "Invalid Refresh Token: Refresh Token Not Found",
        )
    };
    let mut transaction = pool.begin().await?;
    let row: Option<(Uuid, Uuid, bool, bool, String, i64)> = sqlx::query_as(
        "select s.id, t.user_id, t.revoked, t.updated_at > clock_timestamp() - interval '10 seconds',
                s.method, extract(epoch from s.created_at)::bigint
         from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id
         where t.token = $1 for update",
    )
    .bind(token)
    .fetch_optional(&mut *transaction)
    .await?;
    let (session, user, revoked, fresh, method, created_at) = row.ok_or_else(unknown)?;
    let refresh_token = if revoked {
        let current: Option<String> = sqlx::query_scalar(
            "select token from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1",
        )
        .bind(session)
        .fetch_optional(&mut *transaction)
        .await?;
        match current {
            Some(current) if fresh => current,
            _ => {
                sqlx::query("delete from auth.sessions where id = $1")
                    .bind(session)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                return Err(Refusal::new(
                    400,
                    "refresh_token_already_used",
                    "Invalid Refresh Token: Already Used",
                ));
            }
        }
    } else {
        let next = random_word(22).map_err(randomness)?;
        sqlx::query("update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where token = $1")
            .bind(token)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("insert into auth.refresh_tokens (token, user_id, session_id, parent) values ($1, $2, $3, $4)")
            .bind(&next)
            .bind(user)
            .bind(session)
            .bind(token)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "update auth.sessions set refreshed_at = now(), updated_at = now() where id = $1",
        )
        .bind(session)
        .execute(&mut *transaction)
        .await?;
        next
    };
    transaction.commit().await?;
    let user = find(pool, user).await?.ok_or_else(unknown)?;
    if user.banned {
        return Err(Refusal::new(400, "user_banned", "User is banned"));
    }
    Ok((
        user,
        Session {
            id: session,
            method,
            created_at,
            refresh_token,
        },
    ))
}

/// What is kept of a one-time code.
pub(super) fn one_time_hash(email: &str, otp: &str) -> String {
    catalyst_cli::migrate::checksum(format!("{email}{otp}").as_bytes())
}

pub(super) async fn keep_one_time(
    pool: &PgPool,
    user: &User,
    kind: &str,
    hash: &str,
) -> Result<(), Refusal> {
    sqlx::query("delete from auth.one_time_tokens where user_id = $1 and token_type = $2")
        .bind(user.id)
        .bind(kind)
        .execute(pool)
        .await?;
    sqlx::query("insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to) values ($1, $2, $3, $4)")
        .bind(user.id)
        .bind(kind)
        .bind(hash)
        .bind(&user.email)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes a code that is less than an hour old, once.
pub(super) async fn redeem_one_time(pool: &PgPool, hash: &str) -> Result<Option<User>, Refusal> {
    let user: Option<Uuid> = sqlx::query_scalar(
        "delete from auth.one_time_tokens where token_hash = $1 and created_at > now() - interval '1 hour' returning user_id",
    )
    .bind(hash)
    .fetch_optional(pool)
    .await?;
    match user {
        Some(user) => find(pool, user).await,
        None => Ok(None),
    }
}
