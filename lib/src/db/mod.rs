//! The product's rows and functions over [`postgrest`].
//!
//! Reads carry the caller's own token, so row level security decides; changes are calls of `engine` functions with the
//! secret key. [`DbError`] is what either can end with, and becomes a [`Problem`](crate::http::Problem) in one place.

mod error;

use std::sync::OnceLock;
use std::time::Duration;

use postgrest::{Answer, ErrorKind, Postgrest, Query};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::DbError;
pub use postgrest::quote;

use crate::config::Config;

/// PostgREST ends every statement after 8 s; a little more lets its own error arrive.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Access to rows or functions, as one caller.
#[derive(Clone, Debug)]
pub struct Db {
    postgrest: Postgrest,
}

fn http_client() -> reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            crate::tls::client_builder()
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
        Postgrest::new(http_client(), url)
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

    /// Calls a function and reads its answer. A null argument is left out: the functions' parameters default to null, and
    /// servers differ in what they make of an explicit one.
    ///
    /// # Errors
    ///
    /// [`DbError`]; a function's own refusal is [`DbError::Refused`].
    pub async fn rpc<A, T>(&self, function: &str, arguments: &A) -> Result<T, DbError>
    where
        A: Serialize + ?Sized + Sync,
        T: DeserializeOwned,
    {
        let mut arguments = serde_json::to_value(arguments).map_err(postgrest::Error::Encode)?;
        if let Some(arguments) = arguments.as_object_mut() {
            arguments.retain(|_, value| !value.is_null());
        }
        Ok(send(self.postgrest.rpc(function, &arguments)?).await?.rows)
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
        Ok(send(self).await?.rows)
    }

    async fn one<T: DeserializeOwned + Send>(self) -> Result<T, DbError> {
        let mut rows: Vec<T> = send(self.limit(1)).await?.rows;
        rows.pop().ok_or(DbError::NotFound)
    }
}

/// Sends a query; a read that met a dropped connection or a serialization failure is sent once more.
async fn send<T: DeserializeOwned>(query: Query) -> Result<Answer<T>, DbError> {
    let query = query.timeout(TIMEOUT);
    let again = if query.is_repeatable() {
        query.try_clone()
    } else {
        None
    };
    match query.execute().await {
        Err(error) if worth_repeating(&error) => match again {
            Some(query) => Ok(query.execute().await?),
            None => Err(error.into()),
        },
        other => Ok(other?),
    }
}

fn worth_repeating(error: &postgrest::Error) -> bool {
    match error {
        postgrest::Error::Transport(error) => !error.is_timeout(),
        postgrest::Error::Api(error) => error.kind() == ErrorKind::Conflict,
        _ => false,
    }
}
