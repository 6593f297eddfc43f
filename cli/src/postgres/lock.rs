//! The lock of the migrations: who changes the schema waits for who needs it as it is, and says for whom.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use super::connection::execute;
use crate::{Error, Result};

/// The advisory lock for changing the schema, and for keeping it as it is.
pub(crate) const LOCK: i64 = i64::from_be_bytes(*b"catalyst");

const DOING: &str = "cannot take the lock of the migrations";

/// How often it is tried.
const EVERY: Duration = Duration::from_millis(300);

/// When it is first said who holds it, and how often again.
const PATIENCE: Duration = Duration::from_secs(2);
const REMINDER: Duration = Duration::from_secs(60);

/// How the schema is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// To change it, until the connection ends.
    Change,
    /// To change it, until the transaction ends.
    ChangeInTransaction,
    /// As it is.
    Keep,
}

/// Waits until the lock is free. Who waits longer is told who holds it and what to do if nobody is there any more.
pub(crate) async fn lock(connection: &mut PgConnection, need: Need) -> Result {
    let sql = match need {
        Need::Change => "select pg_try_advisory_lock($1)",
        Need::ChangeInTransaction => "select pg_try_advisory_xact_lock($1)",
        Need::Keep => "select pg_try_advisory_lock_shared($1)",
    };
    let mut say_at = Instant::now() + PATIENCE;
    loop {
        let taken = sqlx::query_scalar(sql)
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await;
        if taken.map_err(Error::database(DOING))? {
            return Ok(());
        }
        if Instant::now() >= say_at {
            if let Some(holder) = holder(connection).await? {
                eprintln!("waiting for the lock of the migrations, which {holder}");
            }
            say_at = Instant::now() + REMINDER;
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Gives back a lock that was taken to keep the schema.
pub(crate) async fn unlock_kept(connection: &mut PgConnection) -> Result {
    let sql = sqlx::AssertSqlSafe(format!("select pg_advisory_unlock_shared({LOCK})"));
    execute(connection, sql, DOING).await
}

/// Who holds it: the process, its program, since when, and how to end it.
async fn holder(connection: &mut PgConnection) -> Result<Option<String>> {
    let sql = "select format('process %s holds (%s, connected since %s); if that is gone for good: select pg_terminate_backend(%s)',
                 a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'unknown'), to_char(a.backend_start, 'YYYY-MM-DD HH24:MI'), a.pid)
               from pg_locks l join pg_stat_activity a on a.pid = l.pid
               where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                 and l.database = (select oid from pg_database where datname = current_database())
                 and (l.classid::bigint << 32) | l.objid::bigint = $1
               order by a.backend_start limit 1";
    let holder = sqlx::query_scalar(sql)
        .bind(LOCK)
        .fetch_optional(connection)
        .await;
    holder.map_err(Error::database(DOING))
}
