//! Encrypting every value again under the newest key.

use platform::sealing::{EncryptionContext, KeyRing, SecretError};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use uuid::Uuid;

use super::columns::{COLUMNS, Column};
use super::rotation::Rotation;
use crate::error::{Error, Result};

/// Rows read at once.
const BATCH: i64 = 200;
/// How often all columns are gone through before the tool gives up on writers that still use an older key.
const PASSES: usize = 5;

/// Encrypts every value that is under an older key again.
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
        rotation.left += left(&pool, &newest, column).await?;
    }
    pool.close().await;
    Ok(rotation)
}

/// How many values of a column are not under the newest key.
async fn left(pool: &PgPool, newest: &str, column: &Column) -> Result<u64> {
    let count = format!(
        "select count(*) from ({}) v where split_part(value, '.', 2) <> $1",
        column.rows
    );
    let left: i64 = sqlx::query_scalar(AssertSqlSafe(count))
        .bind(newest)
        .fetch_one(pool)
        .await
        .map_err(Error::database("cannot rotate the keys"))?;
    Ok(left.unsigned_abs())
}

/// Encrypts the values of a column again, as far as they are under an older key.
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
        ..
    } = column;
    let read = format!(
        "select id, owner, value from ({rows}) v where split_part(value, '.', 2) <> $1 and id > $2 order by id limit {BATCH}"
    );
    let mut last = Uuid::nil();
    loop {
        let batch: Vec<(Uuid, Uuid, String)> = sqlx::query_as(AssertSqlSafe(read.as_str()))
            .bind(newest)
            .bind(last)
            .fetch_all(pool)
            .await
            .map_err(Error::database(format!("cannot renew {table}.{name}")))?;
        let Some((id, ..)) = batch.last() else {
            return Ok(());
        };
        last = *id;
        for (id, owner, old) in batch {
            let context = EncryptionContext {
                table,
                column: name,
                row: id,
                owner,
            };
            let sealed = ring
                .open(&context, &old)
                .and_then(|plain| ring.seal(&context, plain.expose_secret()));
            match sealed {
                Ok(new) if replace(pool, column, id, &old, &new).await? => rotation.renewed += 1,
                Ok(_) => rotation.overtaken += 1,
                Err(error) => {
                    let reason = format!("{table}.{name} of {id}: {error}");
                    rotation.refused.push(reason);
                }
            }
        }
    }
}

/// Replaces a value, unless somebody else has replaced it meanwhile.
async fn replace(pool: &PgPool, column: &Column, id: Uuid, old: &str, new: &str) -> Result<bool> {
    let Column {
        table,
        column: name,
        row,
        ..
    } = column;
    let write = format!("update {table} set {name} = $1 where {row} = $2 and {name} = $3");
    let written = sqlx::query(AssertSqlSafe(write))
        .bind(new)
        .bind(id)
        .bind(old)
        .execute(pool)
        .await
        .map_err(Error::database(format!("cannot renew {table}.{name}")))?;
    Ok(written.rows_affected() == 1)
}
