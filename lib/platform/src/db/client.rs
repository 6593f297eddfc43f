//! Access to rows and functions, as one caller.

use postgrest::{Postgrest, Query};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::DbError;
use super::http::http_client;
use super::send::send;
use crate::config::Config;
use crate::trace;

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

#[cfg(test)]
mod tests;
