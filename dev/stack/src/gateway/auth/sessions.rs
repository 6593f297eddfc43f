//! Sessions and their refresh tokens, in the tables that hosted projects keep them in.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{
    error::AuthError,
    users::{self, User},
};
use crate::random::random_token;

/// A session, and the refresh token that is good for it now.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) method: String,
    pub(super) created_at: i64,
    pub(super) refresh_token: String,
}

pub(super) async fn begin(
    pool: &PgPool,
    user: Uuid,
    method: &str,
    agent: Option<&str>,
) -> Result<Session, AuthError> {
    let refresh_token = random_token(22)?;
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

pub(super) async fn exists(pool: &PgPool, id: Uuid) -> Result<bool, AuthError> {
    Ok(
        sqlx::query_scalar("select exists (select from auth.sessions where id = $1)")
            .bind(id)
            .fetch_one(pool)
            .await?,
    )
}

/// Ends a user's sessions: one, all but one, or all.
pub(super) async fn end(
    pool: &PgPool,
    user: Uuid,
    only: Option<Uuid>,
    all_but: Option<Uuid>,
) -> Result<(), AuthError> {
    sqlx::query("delete from auth.sessions where user_id = $1 and ($2::uuid is null or id = $2) and ($3::uuid is null or id <> $3)")
        .bind(user)
        .bind(only)
        .bind(all_but)
        .execute(pool)
        .await?;
    Ok(())
}

/// What is known of a refresh token.
#[derive(sqlx::FromRow)]
struct RefreshToken {
    session: Uuid,
    user_id: Uuid,
    revoked: bool,
    /// It was traded within the last ten seconds.
    fresh: bool,
    method: String,
    created_at: i64,
}

/// Trades a refresh token for the next one. A token used twice within ten seconds gives the one that took its place (two
/// tabs refresh at once); used later, it was stolen, and its session ends.
pub(super) async fn refresh(pool: &PgPool, token: &str) -> Result<(User, Session), AuthError> {
    let unknown = || {
        AuthError::new(
            400,
            "refresh_token_not_found",
            "Invalid Refresh Token: Refresh Token Not Found",
        )
    };
    let mut transaction = pool.begin().await?;
    let known: Option<RefreshToken> = sqlx::query_as(
        "select s.id as session, t.user_id, t.revoked, t.updated_at > clock_timestamp() - interval '10 seconds' as fresh,
                s.method, extract(epoch from s.created_at)::bigint as created_at
         from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id
         where t.token = $1 for update",
    )
    .bind(token)
    .fetch_optional(&mut *transaction)
    .await?;
    let known = known.ok_or_else(unknown)?;
    let next = if known.revoked {
        successor(&mut transaction, &known).await?
    } else {
        Some(rotate(&mut transaction, &known, token).await?)
    };
    transaction.commit().await?;
    let refresh_token = next.ok_or_else(|| {
        AuthError::new(
            400,
            "refresh_token_already_used",
            "Invalid Refresh Token: Already Used",
        )
    })?;
    let user = users::find(pool, known.user_id)
        .await?
        .ok_or_else(unknown)?;
    if user.banned {
        return Err(AuthError::new(400, "user_banned", "User is banned"));
    }
    let session = Session {
        id: known.session,
        method: known.method,
        created_at: known.created_at,
        refresh_token,
    };
    Ok((user, session))
}

/// The token that took a used one's place; without one its session ends.
async fn successor(
    connection: &mut PgConnection,
    used: &RefreshToken,
) -> sqlx::Result<Option<String>> {
    let current: Option<String> = sqlx::query_scalar(
        "select token from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1",
    )
    .bind(used.session)
    .fetch_optional(&mut *connection)
    .await?;
    let current = current.filter(|_| used.fresh);
    if current.is_none() {
        sqlx::query("delete from auth.sessions where id = $1")
            .bind(used.session)
            .execute(connection)
            .await?;
    }
    Ok(current)
}

/// Puts a new token in the place of this one.
async fn rotate(
    connection: &mut PgConnection,
    known: &RefreshToken,
    token: &str,
) -> Result<String, AuthError> {
    let next = random_token(22)?;
    sqlx::query("update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where token = $1")
        .bind(token)
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into auth.refresh_tokens (token, user_id, session_id, parent) values ($1, $2, $3, $4)")
        .bind(&next)
        .bind(known.user_id)
        .bind(known.session)
        .bind(token)
        .execute(&mut *connection)
        .await?;
    sqlx::query("update auth.sessions set refreshed_at = now(), updated_at = now() where id = $1")
        .bind(known.session)
        .execute(connection)
        .await?;
    Ok(next)
}
