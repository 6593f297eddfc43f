//! Reading rows.

use postgrest::Query;
use serde::de::DeserializeOwned;

use super::error::DbError;
use super::send::send;

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
