//! `catalyst keys rotate`: what is encrypted in the database is sealed anew under the newest key.
//!
//! Safe while the product works, as long as every running function knows both keys: a value is replaced only if it is
//! still the one that was read, so a token that was refreshed meanwhile wins. Values go from one key to the other in the
//! memory of this process; the database sees ciphertext only.

use std::fmt;

use platform::sealing::{EncryptionContext, KeyRing, SecretError};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Rows read at once.
const BATCH: i64 = 200;
/// How often all columns are gone through before the tool gives up on writers that still use an older key.
const PASSES: usize = 5;

/// An encrypted column: whatever seals a value for the database has a line here.
struct Column {
    table: &'static str,
    column: &'static str,
    /// Rows with their id and the owner that the value is bound to.
    rows: &'static str,
    row: &'static str,
}

const COLUMNS: [Column; 5] = [
    Column {
        table: "private.channel_credentials",
        column: "refresh_token",
        rows: "select channel_id as id, owner_id as owner, refresh_token as value from private.channel_credentials",
        row: "channel_id",
    },
    Column {
        table: "private.channel_credentials",
        column: "access_token",
        rows: "select channel_id as id, owner_id as owner, access_token as value from private.channel_credentials",
        row: "channel_id",
    },
    Column {
        table: "private.oauth_states",
        column: "code_verifier",
        rows: "select id, user_id as owner, code_verifier as value from private.oauth_states",
        row: "id",
    },
    Column {
        table: "private.upload_sessions",
        column: "session_uri",
        rows:
            "select s.id, u.channel_id as owner, s.session_uri as value
               from private.upload_sessions s join public.scheduled_uploads u on u.id = s.upload_id",
        row: "id",
    },
    Column {
        table: "private.webhook_secrets",
        column: "secret",
        rows:
            "select s.id, e.user_id as owner, s.secret as value
               from private.webhook_secrets s join public.webhook_endpoints e on e.id = s.endpoint_id",
        row: "id",
    },
];

/// What a rotation came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Rotation {
    /// Values sealed anew.
    pub renewed: u64,
    /// Values that somebody else replaced between reading and writing.
    pub overtaken: u64,
    /// Values that are not under the newest key at the end.
    pub left: u64,
    /// Why, for each value that does not open.
    pub refused: Vec<String>,
}

impl fmt::Display for Rotation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for reason in &self.refused {
            writeln!(out, "{reason}")?;
        }
        write!(
            out,
            "{} values sealed anew, {} were replaced meanwhile, {} left under older keys",
            self.renewed, self.overtaken, self.left
        )
    }
}

/// Seals every value that is under an older key anew.
///
/// # Errors
///
/// [`Error`] when the keys are malformed or the database refuses. A value that does not open stops nothing: it is counted.
pub async fn rotate(database: PgConnectOptions, keys: &SecretString) -> Result<Rotation> {
    let malformed = |error: SecretError| {
        Error::setup(
            error.to_string(),
            "set TOKEN_ENCRYPTION_KEYS to `new:base64,old:base64`, as the functions have it",
        )
    };
    let ring = KeyRing::parse(keys).map_err(malformed)?;
    let newest = keys
        .expose_secret()
        .split(':')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let failed = || Error::database("cannot rotate the keys");
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database)
        .await
        .map_err(failed())?;
    let mut rotation = Rotation::default();
    for _ in 0..PASSES {
        let before = (rotation.renewed, rotation.overtaken);
        rotation.refused.clear();
        for column in &COLUMNS {
            renew(&pool, &ring, &newest, column, &mut rotation).await?;
        }
        if before == (rotation.renewed, rotation.overtaken) {
            break;
        }
    }
    for column in &COLUMNS {
        let count = format!(
            "select count(*) from ({}) v where split_part(value, '.', 2) <> $1",
            column.rows
        );
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .bind(&newest)
            .fetch_one(&pool)
            .await
            .map_err(failed())?;
        rotation.left += left.unsigned_abs();
    }
    pool.close().await;
    Ok(rotation)
}

async fn renew(
    pool: &PgPool,
    ring: &KeyRing,
    newest: &str,
    column: &Column,
    rotation: &mut Rotation,
) -> Result {
    let Column {
        table,
        column: name,
        rows,
        row,
    } = column;
    let failed = || Error::database(format!("cannot renew {table}.{name}"));
    let read = format!(
        "select id, owner, value from ({rows}) v where split_part(value, '.', 2) <> $1 and id > $2 order by id limit {BATCH}"
    );
    let write = format!("update {table} set {name} = $1 where {row} = $2 and {name} = $3");
    let mut last = Uuid::nil();
    loop {
        let batch: Vec<(Uuid, Uuid, String)> = sqlx::query_as(sqlx::AssertSqlSafe(read.as_str()))
            .bind(newest)
            .bind(last)
            .fetch_all(pool)
            .await
            .map_err(failed())?;
        let Some((id, ..)) = batch.last() else {
            return Ok(());
        };
        last = *id;
        for (id, owner, old) in batch {
            let place = EncryptionContext {
                table,
                column: name,
                row: id,
                owner,
            };
            let sealed = ring
                .open(&place, &old)
                .and_then(|plain| ring.seal(&place, plain.expose_secret()));
            let new = match sealed {
                Ok(new) => new,
                Err(error) => {
                    rotation
                        .refused
                        .push(format!("{table}.{name} of {id}: {error}"));
                    continue;
                }
            };
            let written = sqlx::query(sqlx::AssertSqlSafe(write.as_str()))
                .bind(new)
                .bind(id)
                .bind(old)
                .execute(pool)
                .await
                .map_err(failed())?
                .rows_affected();
            if written == 1 {
                rotation.renewed += 1;
            } else {
                rotation.overtaken += 1;
            }
        }
    }
}
