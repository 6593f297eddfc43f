//! Users, in the table that hosted projects keep them in.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use super::request::AuthError;

/// A user, times in microseconds since 1970.
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
    pub(super) banned: bool,
}

/// A user to be made.
#[derive(Debug, Default)]
pub(super) struct NewUser {
    pub(super) email: String,
    pub(super) password: Option<String>,
    pub(super) user_metadata: Map<String, Value>,
    pub(super) app_metadata: Map<String, Value>,
    pub(super) confirmed: bool,
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
        let time = |at: Option<i64>| Some(Timestamp::from_microsecond(at?).ok()?.to_string());
        let (created_at, updated_at) = (time(Some(self.created_at)), time(Some(self.updated_at)));
        let mut user = json!({
            "id": self.id, "aud": "authenticated", "role": "authenticated", "email": self.email, "phone": "",
            "last_sign_in_at": time(self.last_sign_in_at),
            "app_metadata": self.app_metadata,
            "user_metadata": self.user_metadata,
            "identities": [{
                "identity_id": self.id, "id": self.id, "user_id": self.id, "provider": "email", "email": self.email,
                "identity_data": { "email": self.email, "email_verified": self.confirmed_at.is_some(), "phone_verified": false, "sub": self.id },
                "last_sign_in_at": time(self.last_sign_in_at),
                "created_at": created_at,
                "updated_at": updated_at,
            }],
            "created_at": created_at,
            "updated_at": updated_at,
            "is_anonymous": false,
        });
        if self.confirmed_at.is_some() {
            user["email_confirmed_at"] = json!(time(self.confirmed_at));
            user["confirmed_at"] = json!(time(self.confirmed_at));
        }
        user
    }
}

pub(super) async fn create(pool: &PgPool, new: NewUser) -> Result<User, AuthError> {
    let id = Uuid::new_v4();
    let mut user_metadata = Map::from_iter([
        ("email".to_owned(), new.email.clone().into()),
        ("email_verified".to_owned(), new.confirmed.into()),
        ("phone_verified".to_owned(), false.into()),
        ("sub".to_owned(), id.to_string().into()),
    ]);
    user_metadata.extend(new.user_metadata);
    let mut app_metadata = Map::from_iter([
        ("provider".to_owned(), "email".into()),
        ("providers".to_owned(), json!(["email"])),
    ]);
    app_metadata.extend(new.app_metadata);
    sqlx::query(
        "insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data, raw_app_meta_data)
         values ($1, $2, extensions.crypt($3, extensions.gen_salt('bf')), case when $4 then now() end, $5, $6)",
    )
    .bind(id)
    .bind(new.email)
    .bind(new.password)
    .bind(new.confirmed)
    .bind(Json(user_metadata))
    .bind(Json(app_metadata))
    .execute(pool)
    .await?;
    find(pool, id).await?.ok_or_else(AuthError::no_user)
}

pub(super) async fn find(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<User>> {
    sqlx::query_as(user!("id = $1"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

pub(super) async fn find_by_email(pool: &PgPool, email: &str) -> sqlx::Result<Option<User>> {
    let user = sqlx::query_as(user!("lower(email) = lower($1)")).bind(email);
    user.fetch_optional(pool).await
}

pub(super) async fn list(pool: &PgPool) -> sqlx::Result<Vec<User>> {
    sqlx::query_as(user!("true order by created_at limit 1000"))
        .fetch_all(pool)
        .await
}

/// The user who has this password and may sign in.
pub(super) async fn check_password(
    pool: &PgPool,
    email: &str,
    password: &str,
) -> Result<User, AuthError> {
    let user: Option<User> = sqlx::query_as(user!(
        "lower(email) = lower($1) and encrypted_password = extensions.crypt($2, encrypted_password)"
    ))
    .bind(email)
    .bind(password)
    .fetch_optional(pool)
    .await?;
    let (code, message) = match user {
        None => ("invalid_credentials", "Invalid login credentials"),
        Some(user) if user.banned => ("user_banned", "User is banned"),
        Some(user) if user.confirmed_at.is_none() => ("email_not_confirmed", "Email not confirmed"),
        Some(user) => return Ok(user),
    };
    Err(AuthError::new(400, code, message))
}

pub(super) async fn update(pool: &PgPool, id: Uuid, change: Change) -> Result<User, AuthError> {
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
    find(pool, id).await?.ok_or_else(AuthError::no_user)
}

pub(super) async fn delete(pool: &PgPool, id: Uuid) -> Result<User, AuthError> {
    let user = find(pool, id).await?;
    sqlx::query("delete from auth.users where id = $1")
        .bind(id)
        .execute(pool)
        .await?;
    user.ok_or_else(AuthError::no_user)
}
