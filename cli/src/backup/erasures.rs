//! What was erased since a backup must not come back with it: hashes of erased users and channels lie beside the backups.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, types::Json};

use super::{signature::SigningKey, store::Store};
use crate::postgres::{catalog, connection::connect};
use crate::{Error, Result};

/// Puts beside the backups what a database has erased since the last time; answers with how many that are.
///
/// # Errors
///
/// When the database or the store refuses. What is not known to be there is put there again.
pub async fn put_aside(login: &PgConnectOptions, store: &Store, key: &SigningKey) -> Result<usize> {
    let failed = || Error::database("cannot read what was erased");
    let mut connection = connect(login).await?;
    let mut hashes: Vec<String> = Vec::new();
    // Older migrations have no such table.
    if catalog::has_relation(&mut connection, "private.erasures")
        .await
        .map_err(failed())?
    {
        let mut transaction = connection.begin().await.map_err(failed())?;
        let sql = "update private.erasures set stored_at = private.now() where stored_at is null returning subject_hash";
        let found = sqlx::query_scalar(sql).fetch_all(&mut *transaction).await;
        hashes = found.map_err(failed())?;
        if !hashes.is_empty() {
            store.put_erasures(Timestamp::now(), &hashes, key).await?;
        }
        transaction.commit().await.map_err(failed())?;
    }
    drop(connection.close().await);
    Ok(hashes.len())
}

/// Erases again what was erased after the backup that was restored; how much of it there was.
pub(super) async fn apply(connection: &mut PgConnection, hashes: &[String]) -> Result<Value> {
    let call = sqlx::query_scalar("select private.erase_again($1)").bind(hashes);
    let erased = call.fetch_one(connection).await;
    let Json(erased) = erased.map_err(Error::database("cannot erase again what was erased"))?;
    Ok(erased)
}
