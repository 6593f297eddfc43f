//! Whether what was restored is fit to be worked on. That its rows are those of the backup was found before it was committed.

use platform::sealing::{EncryptionContext, KeyRing};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::backup::Contents;
use crate::error::{Error, Result};
use crate::postgres::catalog;

/// The findings, and whether all of them are good.
pub(super) async fn check(
    connection: &mut PgConnection,
    contents: &Contents,
    keys: Option<&SecretString>,
) -> Result<(bool, Value)> {
    let failed = || Error::database("cannot read what was restored");
    let open = catalog::tables_without_row_level_security(connection)
        .await
        .map_err(failed())?;
    let jobs = catalog::active_jobs(connection).await.map_err(failed())?;
    let missing: Vec<&String> = contents
        .jobs
        .keys()
        .filter(|name| !jobs.contains_key(*name))
        .collect();
    let (running, stranded) = steps(connection).await.map_err(failed())?;
    let (token_opens, token) = token(connection, keys).await?;
    let ok = open.is_empty() && missing.is_empty() && running == 0 && stranded == 0 && token_opens;
    Ok((
        ok,
        json!({
            "tables_without_row_level_security": open,
            "missing_jobs": missing,
            "jobs": jobs.len(),
            "claims_of_the_lost_time": running,
            "steps_without_message": stranded,
            "token": token,
        }),
    ))
}

/// The steps that are claimed by the lost time's workers, and those that wait without a message: they would wait for ever.
async fn steps(connection: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    let running = sqlx::query_scalar("select count(*) from private.steps where state = 'running'")
        .fetch_one(&mut *connection)
        .await?;
    let stranded = sqlx::query_scalar(
        "select count(*) from private.steps s where s.state = 'waiting' and not exists (
           select from (select msg_id, 'sync' as queue from pgmq.q_sync union all select msg_id, 'score' from pgmq.q_score
             union all select msg_id, 'render' from pgmq.q_render union all select msg_id, 'publish' from pgmq.q_publish
             union all select msg_id, 'maintenance' from pgmq.q_maintenance) q
           where q.queue = s.queue and q.msg_id = s.message_id)",
    )
    .fetch_one(connection)
    .await?;
    Ok((running, stranded))
}

/// One of Google's tokens must open with this deployment's keys.
async fn token(
    connection: &mut PgConnection,
    keys: Option<&SecretString>,
) -> Result<(bool, &'static str)> {
    let found: Option<(Uuid, Uuid, String)> = sqlx::query_as(
        "select channel_id, owner_id, refresh_token from private.channel_credentials
         where refresh_token is not null order by updated_at desc limit 1",
    )
    .fetch_optional(connection)
    .await
    .map_err(Error::database("cannot read a token"))?;
    let Some((row, owner, sealed)) = found else {
        return Ok((true, "there is none"));
    };
    let Some(keys) = keys else {
        return Ok((
            false,
            "TOKEN_ENCRYPTION_KEYS is not set: whether tokens open is not known",
        ));
    };
    let context = EncryptionContext {
        table: "private.channel_credentials",
        column: "refresh_token",
        row,
        owner,
    };
    let opened = KeyRing::parse(keys).and_then(|ring| ring.open(&context, &sealed));
    Ok(match opened {
        Ok(_) => (true, "one opens"),
        Err(_) => (
            false,
            "the newest does not open with TOKEN_ENCRYPTION_KEYS: give the keys of the backup's time",
        ),
    })
}
