//! Access to rows and functions, as one caller.

use std::{sync::OnceLock, time::Duration};

use secrecy::ExposeSecret;
use serde::{Serialize, de::DeserializeOwned};

use super::error::DbError;
use crate::{config::Config, trace};
use clients::transport::Backoff;
use postgrest::{Answer, ErrorKind, Postgrest, Query};

/// Access to rows or functions, as one caller.
#[derive(Clone, Debug)]
pub struct Db {
    postgrest: Postgrest,
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
    pub fn as_user(config: &Config, token: &str) -> Self {
        Self {
            postgrest: Self::base(config)
                .insert_header("apikey", &config.supabase.publishable_key)
                .insert_header("authorization", &format!("Bearer {token}")),
        }
    }

    /// Calls `engine` functions with the secret key. A legacy key is a JWT and must also be the bearer token. An `sb_secret_`
    /// key is none: a hosted gateway takes it for one where both are alike, others pass it on to whom it tells nothing.
    pub fn engine(config: &Config) -> Self {
        let key = config.supabase.secret_key.expose_secret();
        let mut postgrest = Self::base(config).insert_header("apikey", key);
        if !key.starts_with("sb_") {
            postgrest = postgrest.insert_header("authorization", &format!("Bearer {key}"));
        }
        Self {
            postgrest: postgrest.schema("engine"),
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
        let query = self.request(function, arguments)?.repeatable();
        Ok(send(query).await?.rows()?)
    }

    fn request<A: Serialize + ?Sized>(
        &self,
        function: &str,
        arguments: &A,
    ) -> Result<Query, DbError> {
        Ok(self.postgrest.rpc(function, arguments)?)
    }
}

/// Sends a read and takes its rows.
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

/// One connection pool: the signing keys, which are asked for first, leave their connection to the calls that follow.
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

#[cfg(test)]
mod tests;
