//! The product's rows and functions over [`postgrest`].
//!
//! Reads carry the caller's own token, so row level security decides; changes are calls of `engine` functions with the
//! secret key. [`DbError`] is what either can end with, and becomes a [`Problem`](crate::problem::Problem) in one place.

mod error;
pub mod keyset;
mod raw_timestamp;

use std::sync::OnceLock;
use std::time::Duration;

use postgrest::{Answer, ErrorKind, Postgrest, Query};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::DbError;
pub use postgrest::quote;
pub use raw_timestamp::RawTimestamp;

use crate::config::Config;
use crate::trace;
use clients::transport::Backoff;

/// PostgREST ends every statement after 8 s; a little more lets its own error arrive.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Access to rows or functions, as one caller.
#[derive(Clone, Debug)]
pub struct Db {
    postgrest: Postgrest,
}

/// The client of everything that Supabase answers: the signing keys, which are asked for first, leave their connection to
/// the calls that follow.
pub(crate) fn http_client() -> reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            clients::tls::client_builder()
                .connect_timeout(Duration::from_secs(3))
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent(concat!(
                    "content-catalyst-engine/",
                    env!("CARGO_PKG_VERSION")
                ))
                .build()
                .expect("the client's settings are constants")
        })
        .clone()
}

impl Db {
    fn base(config: &Config) -> Postgrest {
        let mut url = config.supabase.url.clone();
        url.set_path("/rest/v1/");
        let base = Postgrest::new(http_client(), url);
        match trace::current().and_then(|trace| trace.request_id) {
            Some(request_id) => base.insert_header("x-request-id", &request_id),
            None => base,
        }
    }

    /// Reads what the owner of `token` may see.
    #[must_use]
    pub fn as_user(config: &Config, token: &str) -> Self {
        Self {
            postgrest: Self::base(config)
                .insert_header("apikey", &config.supabase.publishable_key)
                .insert_header("authorization", &format!("Bearer {token}")),
        }
    }

    /// Calls `engine` functions with the secret key. A legacy key is a JWT and must also be the bearer token; an
    /// `sb_secret_` key must not differ from it, so sending both alike suits either style.
    #[must_use]
    pub fn engine(config: &Config) -> Self {
        let key = config.supabase.secret_key.expose_secret();
        Self {
            postgrest: Self::base(config)
                .insert_header("apikey", key)
                .insert_header("authorization", &format!("Bearer {key}"))
                .schema("engine"),
        }
    }

    /// Starts a read.
    pub fn from(&self, table: &str) -> Query {
        self.postgrest.from(table)
    }

    /// Calls a function and reads its answer. Every argument is sent, nulls as nulls: parameters have no defaults, so one
    /// that was forgotten is noticed at the first call.
    ///
    /// # Errors
    ///
    /// [`DbError`]; a function's own refusal is [`DbError::Refused`].
    pub async fn call<A, T>(&self, function: &str, arguments: &A) -> Result<T, DbError>
    where
        A: Serialize + ?Sized + Sync,
        T: DeserializeOwned,
    {
        Ok(send(self.request(function, arguments)?).await?.rows()?)
    }

    /// [`call`](Self::call) of a function that only reads: repeated like any read when its connection was dropped.
    ///
    /// # Errors
    ///
    /// [`DbError`].
    pub async fn query<A, T>(&self, function: &str, arguments: &A) -> Result<T, DbError>
    where
        A: Serialize + ?Sized + Sync,
        T: DeserializeOwned,
    {
        Ok(self.query_raw(function, arguments).await?.rows()?)
    }

    /// [`ask`](Self::ask) whose answer is not taken apart yet, so that what is passed on may borrow from it.
    ///
    /// # Errors
    ///
    /// [`DbError`].
    pub async fn query_raw<A>(&self, function: &str, arguments: &A) -> Result<Answer, DbError>
    where
        A: Serialize + ?Sized + Sync,
    {
        send(self.request(function, arguments)?.repeatable()).await
    }

    fn request<A: Serialize + ?Sized>(
        &self,
        function: &str,
        arguments: &A,
    ) -> Result<Query, DbError> {
        Ok(self.postgrest.rpc(function, arguments)?)
    }
}

/// Reading rows.
pub trait Fetch {
    /// All rows, at most the service's cap.
    ///
    /// # Errors
    ///
    /// [`DbError`].
    fn rows<T: DeserializeOwned + Send>(
        self,
    ) -> impl Future<Output = Result<Vec<T>, DbError>> + Send;

    /// Exactly one row.
    ///
    /// # Errors
    ///
    /// [`DbError::NotFound`] when row level security shows none.
    fn one<T: DeserializeOwned + Send>(self) -> impl Future<Output = Result<T, DbError>> + Send;
}

impl Fetch for Query {
    async fn rows<T: DeserializeOwned + Send>(self) -> Result<Vec<T>, DbError> {
        Ok(send(self).await?.rows()?)
    }

    async fn one<T: DeserializeOwned + Send>(self) -> Result<T, DbError> {
        let mut rows: Vec<T> = send(self.limit(1)).await?.rows()?;
        rows.pop().ok_or(DbError::NotFound)
    }
}

/// How often a call is sent when its transaction keeps losing to others, and how far apart.
const TRIES: u32 = 4;
const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(200),
};

/// Sends a query. A transaction that Postgres rolled back for the sake of another (serialization failure, deadlock) is sent
/// again whatever it does, because nothing of it has remained; so is one that no connection could be made for. A read is
/// also sent again when its connection was dropped.
async fn send(query: Query) -> Result<Answer, DbError> {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A Data API that answers `refusals` requests with `status` and `code`, then with an empty list; and how many it saw.
    async fn refusing(refusals: u32, status: u16, code: &'static str) -> (Db, Arc<AtomicU32>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let answer = if counter.fetch_add(1, Ordering::SeqCst) >= refusals {
                    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]".to_owned()
                } else if code.is_empty() {
                    continue;
                } else {
                    let body = json!({"code": code, "message": "refused"}).to_string();
                    format!(
                        "HTTP/1.1 {status} Refused\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    )
                };
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        let db = Db {
            postgrest: Postgrest::new(http_client(), url.parse().unwrap()),
        };
        (db, seen)
    }

    #[tokio::test]
    async fn a_change_that_lost_a_deadlock_is_made_again() {
        let (db, seen) = refusing(2, 500, "40P01").await;
        let answer: Result<Value, _> = db.call("change", &json!({"p_id": 1})).await;
        assert_eq!(answer.unwrap(), json!([]));
        assert_eq!(seen.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn one_that_never_wins_ends_as_unavailable() {
        let (db, seen) = refusing(u32::MAX, 500, "40001").await;
        let answer: Result<Value, _> = db.call("change", &json!({})).await;
        assert!(matches!(answer, Err(DbError::Unavailable(_))));
        assert_eq!(seen.load(Ordering::SeqCst), TRIES);
    }

    #[tokio::test]
    async fn a_change_whose_answer_was_lost_is_not_made_again_but_a_read_is() {
        let (db, seen) = refusing(1, 0, "").await;
        let answer: Result<Value, _> = db.call("change", &json!({})).await;
        assert!(matches!(answer, Err(DbError::Unavailable(_))));
        assert_eq!(seen.load(Ordering::SeqCst), 1);

        let (db, seen) = refusing(1, 0, "").await;
        let rows: Vec<Value> = db.from("videos").rows().await.unwrap();
        assert!(rows.is_empty());
        assert_eq!(seen.load(Ordering::SeqCst), 2);
    }
}
