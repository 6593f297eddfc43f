//! Whether what was restored is fit to be worked on. That its rows are those of the backup was found before it was committed.

use platform::sealing::{EncryptionContext, KeyRing};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, query_scalar};
use uuid::Uuid;

use crate::backup::Contents;
use crate::postgres::catalog::{self, qualified_name};
use crate::{Error, Result};

/// The findings, and whether all of them are good.
pub(super) async fn check(
    connection: &mut PgConnection,
    contents: &Contents,
    keys: Option<SecretString>,
) -> Result<(bool, Value)> {
    let found = find(connection, contents, keys).await;
    found.map_err(Error::database("cannot read what was restored"))
}

async fn find(
    connection: &mut PgConnection,
    contents: &Contents,
    keys: Option<SecretString>,
) -> sqlx::Result<(bool, Value)> {
    let open = catalog::tables_without_row_level_security(connection).await?;
    let jobs = catalog::active_jobs(connection).await?;
    let missing: Vec<_> = contents
        .jobs
        .keys()
        .filter(|name| !jobs.contains_key(*name))
        .collect();
    let (running, stranded) = steps(connection).await?;
    let (token_opens, token) = token(connection, keys).await?;
    let ok = open.is_empty() && missing.is_empty() && running == 0 && stranded == 0 && token_opens;
    let findings = json!({
        "tables_without_row_level_security": open,
        "missing_jobs": missing,
        "jobs": jobs.len(),
        "claims_of_the_lost_time": running,
        "steps_without_message": stranded,
        "token": token,
    });
    Ok((ok, findings))
}

/// The steps that are claimed by the lost time's workers, and those that wait without a message: they would wait for ever.
async fn steps(connection: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    // What was claimed after the restore is work that goes on.
    let running = query_scalar(
        "select count(*) from private.steps where state = 'running'
           and updated_at < coalesce((select max(created_at) from private.restores), 'infinity')",
    );
    let running = running.fetch_one(&mut *connection).await?;
    let queues = query_scalar("select distinct queue from private.steps where state = 'waiting'");
    let queues: Vec<String> = queues.fetch_all(&mut *connection).await?;
    let mut stranded = 0;
    for queue in queues {
        // Whatever queue there is: none can be forgotten here.
        let messages = qualified_name("pgmq", &format!("q_{queue}"));
        let count = query_scalar(AssertSqlSafe(format!(
            "select count(*) from private.steps s where s.state = 'waiting' and s.queue = $1
               and not exists (select from {messages} q where q.msg_id = s.message_id)"
        )));
        let count: i64 = count.bind(queue).fetch_one(&mut *connection).await?;
        stranded += count;
    }
    Ok((running, stranded))
}

/// One of Google's tokens must open with this deployment's keys.
async fn token(
    connection: &mut PgConnection,
    keys: Option<SecretString>,
) -> sqlx::Result<(bool, &'static str)> {
    let found: Option<(Uuid, Uuid, String)> = sqlx::query_as(
        "select channel_id, owner_id, refresh_token from private.channel_credentials
         where refresh_token is not null order by updated_at desc limit 1",
    )
    .fetch_optional(connection)
    .await?;
    let Some((row, owner, sealed)) = found else {
        return Ok((true, "there is none"));
    };
    let Some(keys) = keys else {
        let unknown = "TOKEN_ENCRYPTION_KEYS is not set: whether tokens open is not known";
        return Ok((false, unknown));
    };
    let (table, column) = ("private.channel_credentials", "refresh_token");
    let context = EncryptionContext {
        table,
        column,
        row,
        owner,
    };
    let opened = KeyRing::parse(&keys).and_then(|ring| ring.open(&context, &sealed));
    Ok(match opened {
        Ok(_) => (true, "one opens"),
        Err(_) => (
            false,
            "the newest does not open with TOKEN_ENCRYPTION_KEYS: give the keys of the backup's time",
        ),
    })
}
