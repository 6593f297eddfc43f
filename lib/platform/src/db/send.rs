//! Sending a call to the Data API, and sending it again where that is safe.

use std::time::Duration;

use clients::transport::Backoff;
use postgrest::{Answer, ErrorKind, Query};

use super::error::DbError;

/// PostgREST ends every statement after 8 s; a little more lets its own error arrive.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often a call is sent when its transaction keeps losing to others, and how far apart.
pub(super) const TRIES: u32 = 4;
const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(200),
};

/// Sends a query. A transaction that Postgres rolled back for the sake of another (serialization failure, deadlock) is sent
/// again whatever it does, because nothing of it has remained; so is one that no connection could be made for. A read is
/// also sent again when its connection was dropped.
pub(super) async fn send(query: Query) -> Result<Answer, DbError> {
    let query = query.timeout(TIMEOUT);
    let mut tries = 1;
    loop {
        match query.clone().execute().await {
            Err(error) if tries < TRIES && worth_repeating(&error, query.is_repeatable()) => {
                tokio::time::sleep(BACKOFF.draw(tries)).await;
                tries += 1;
            }
            other => return Ok(other?),
        }
    }
}

fn worth_repeating(error: &postgrest::Error, read: bool) -> bool {
    match error {
        postgrest::Error::Transport(error) => error.is_connect() || (read && !error.is_timeout()),
        postgrest::Error::Api(error) => error.kind() == ErrorKind::Conflict,
        _ => false,
    }
}
