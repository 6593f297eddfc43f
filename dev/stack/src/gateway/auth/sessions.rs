//! Sessions and their refresh tokens, in the tables that hosted projects keep them in, and what a client library gets.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::request::{Answer, AuthError};
use super::token::{self, Claims};
use super::users::{self, User};
use crate::{gateway::state::Gateway, secrets::random_token};

/// A session, and the refresh token that is good for it now.
#[derive(Clone, Debug)]
pub(super) struct Session {
    id: Uuid,
    method: String,
    created_at: i64,
    refresh_token: String,
    /// The program that it was given to; none when it is the user's own.
    program: Option<Uuid>,
}

/// A session of the user's own.
pub(super) async fn begin(
    pool: &PgPool,
    user: Uuid,
    method: &str,
    agent: Option<&str>,
) -> Result<Session, AuthError> {
    start(pool, user, method, agent, None).await
}

/// A session of a program that acts for the user.
pub(super) async fn begin_for(
    pool: &PgPool,
    user: Uuid,
    program: Uuid,
) -> Result<Session, AuthError> {
    let method = "oauth_provider/authorization_code";
    start(pool, user, method, None, Some(program)).await
}

async fn start(
    pool: &PgPool,
    user: Uuid,
    method: &str,
    agent: Option<&str>,
    program: Option<Uuid>,
) -> Result<Session, AuthError> {
    let refresh_token = random_token(22)?;
    let (id, created_at): (Uuid, i64) = sqlx::query_as(
        "with signed as (update auth.users set last_sign_in_at = now(), email_confirmed_at = coalesce(email_confirmed_at, now()) where id = $1),
         begun as (
           insert into auth.sessions (user_id, method, user_agent, oauth_client_id) values ($1, $2, $3, $5)
           returning id, extract(epoch from created_at)::bigint as created_at),
         token as (insert into auth.refresh_tokens (token, user_id, session_id) select $4, $1, id from begun)
         select id, created_at from begun",
    )
    .bind(user)
    .bind(method)
    .bind(agent)
    .bind(&refresh_token)
    .bind(program)
    .fetch_one(pool)
    .await?;
    Ok(Session {
        id,
        method: method.to_owned(),
        created_at,
        refresh_token,
        program,
    })
}

/// Ends what a program was given by a user.
pub(super) async fn end_of_program(pool: &PgPool, user: Uuid, program: Uuid) -> sqlx::Result<()> {
    sqlx::query("delete from auth.sessions where user_id = $1 and oauth_client_id = $2")
        .bind(user)
        .bind(program)
        .execute(pool)
        .await?;
    Ok(())
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

/// The user that a request's access token names, and the session it belongs to.
pub(super) async fn signed_in(
    gateway: &Gateway,
    token: Option<String>,
) -> Result<(User, Claims), AuthError> {
    let token = token.ok_or_else(|| {
        let message = "This endpoint requires a valid Bearer token";
        AuthError::new(401, "no_authorization", message)
    })?;
    let claims = token::verify(&gateway.secrets(), &token)?;
    let exists = sqlx::query_scalar("select exists (select from auth.sessions where id = $1)")
        .bind(claims.session_id)
        .fetch_one(&gateway.users);
    if !exists.await? {
        let message = "Session from session_id claim in JWT does not exist";
        return Err(AuthError::new(403, "session_not_found", message));
    }
    let user = users::find(&gateway.users, claims.sub)
        .await?
        .ok_or_else(|| {
            AuthError::new(
                403,
                "user_not_found",
                "User from sub claim in JWT does not exist",
            )
        })?;
    Ok((user, claims))
}

/// A session as the client libraries read it.
pub(super) fn body(gateway: &Gateway, user: &User, session: &Session) -> Answer {
    let expires_at = Timestamp::now().as_second() + token::LIFE_SECONDS;
    let amr = json!([{ "method": session.method, "timestamp": session.created_at }]);
    let claims = [
        ("sub", json!(user.id)),
        ("email", json!(user.email)),
        ("app_metadata", json!(user.app_metadata)),
        ("user_metadata", json!(user.user_metadata)),
        ("amr", amr),
        ("session_id", json!(session.id)),
        ("exp", json!(expires_at)),
        ("client_id", json!(session.program)),
    ];
    let claims: Map<String, Value> = claims
        .into_iter()
        .map(|(name, claim)| (name.to_owned(), claim))
        .collect();
    let access_token = token::sign(&gateway.secrets(), &gateway.url, claims)
        .map_err(|_| AuthError::new(500, "unexpected_failure", "the signing key cannot be used"))?;
    Ok(axum::Json(json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": token::LIFE_SECONDS,
        "expires_at": expires_at,
        "refresh_token": session.refresh_token,
        "user": user.to_json(),
    })))
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
    program: Option<Uuid>,
}

/// Trades a refresh token for the next one. A token used twice within ten seconds gives the one that took its place (two
/// tabs refresh at once); used later, it was stolen, and its session ends. A program's token is traded by that program only.
pub(super) async fn refresh(
    pool: &PgPool,
    token: &str,
    program: Option<Uuid>,
) -> Result<(User, Session), AuthError> {
    let refused =
        |code, why| move || AuthError::new(400, code, format!("Invalid Refresh Token: {why}"));
    let unknown = refused("refresh_token_not_found", "Refresh Token Not Found");
    let mut transaction = pool.begin().await?;
    let known: Option<RefreshToken> = sqlx::query_as(
        "select s.id as session, t.user_id, t.revoked, t.updated_at > clock_timestamp() - interval '10 seconds' as fresh,
                s.method, extract(epoch from s.created_at)::bigint as created_at, s.oauth_client_id as program
         from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id
         where t.token = $1 for update",
    )
    .bind(token)
    .fetch_optional(&mut *transaction)
    .await?;
    let known = known.filter(|known| known.program == program);
    let known = known.ok_or_else(unknown)?;
    let next = if known.revoked {
        successor(&mut transaction, &known).await?
    } else {
        Some(rotate(&mut transaction, &known, token).await?)
    };
    transaction.commit().await?;
    let refresh_token = next.ok_or_else(refused("refresh_token_already_used", "Already Used"))?;
    let user = users::find(pool, known.user_id)
        .await?
        .ok_or_else(unknown)?;
    if user.banned {
        return Err(AuthError::new(400, "user_banned", "User is banned"));
    }
    let RefreshToken {
        session: id,
        method,
        created_at,
        ..
    } = known;
    Ok((
        user,
        Session {
            id,
            method,
            created_at,
            refresh_token,
            program,
        },
    ))
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
    sqlx::query(
        "with used as (update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where token = $1),
         refreshed as (update auth.sessions set refreshed_at = now(), updated_at = now() where id = $2)
         insert into auth.refresh_tokens (token, user_id, session_id, parent) values ($3, $4, $2, $1)",
    )
    .bind(token)
    .bind(known.session)
    .bind(&next)
    .bind(known.user_id)
    .execute(connection)
    .await?;
    Ok(next)
}
