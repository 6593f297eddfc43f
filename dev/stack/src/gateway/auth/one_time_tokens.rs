//! The hashes of one-time codes, in the table that hosted projects keep them in.

use sqlx::PgPool;
use uuid::Uuid;

use super::{
    error::AuthError,
    users::{self, User},
};

/// What is kept of a one-time code.
pub(super) fn hash(email: &str, otp: &str) -> String {
    catalyst_cli::migrate::checksum(format!("{email}{otp}").as_bytes())
}

pub(super) async fn keep(
    pool: &PgPool,
    user: &User,
    kind: &str,
    hash: &str,
) -> Result<(), AuthError> {
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
pub(super) async fn redeem(pool: &PgPool, hash: &str) -> Result<Option<User>, AuthError> {
    let user: Option<Uuid> = sqlx::query_scalar(
        "delete from auth.one_time_tokens where token_hash = $1 and created_at > now() - interval '1 hour' returning user_id",
    )
    .bind(hash)
    .fetch_optional(pool)
    .await?;
    match user {
        Some(user) => users::find(pool, user).await,
        None => Ok(None),
    }
}
