//! Whether what was restored is fit to be worked on. That its rows are those of the backup was found before it was committed.

use platform::sealing::{EncryptionContext, KeyRing};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::backup::Contents;
use crate::error::{Error, Result};

/// The findings, and whether all of them are good.
pub(super) async fn check(
    connection: &mut PgConnection,
    contents: &Contents,
    keys: Option<&SecretString>,
) -> Result<(bool, Value)> {
    let failed = || Error::database("cannot look at what was restored");
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity order by 1",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed())?;
    let jobs: Vec<String> =
        sqlx::query_scalar("select jobname from cron.job where active and jobname is not null")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed())?;
    let missing: Vec<&String> = contents
        .jobs
        .keys()
        .filter(|name| !jobs.contains(name))
        .collect();
    let running: i64 =
        sqlx::query_scalar("select count(*) from private.steps where state = 'running'")
            .fetch_one(&mut *connection)
            .await
            .map_err(failed())?;
    // A step that waits without a message would wait for ever.
    let stranded: i64 = sqlx::query_scalar(
        "select count(*) from private.steps s where s.state = 'waiting' and not exists (
           select from (select msg_id, 'sync' as queue from pgmq.q_sync union all select msg_id, 'score' from pgmq.q_score
             union all select msg_id, 'render' from pgmq.q_render union all select msg_id, 'publish' from pgmq.q_publish
             union all select msg_id, 'maintenance' from pgmq.q_maintenance) q
           where q.queue = s.queue and q.msg_id = s.message_id)",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed())?;
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
    let place = EncryptionContext {
        table: "private.channel_credentials",
        column: "refresh_token",
        row,
        owner,
    };
    let opened = KeyRing::parse(keys).and_then(|ring| ring.open(&place, &sealed));
    Ok(match opened {
        Ok(_) => (true, "one opens"),
        Err(_) => (
            false,
            "the newest does not open with TOKEN_ENCRYPTION_KEYS: give the keys of the backup's time",
        ),
    })
}
