//! What an operation's ordinary answer holds.

use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::Empty;
use super::schema::{Schemas, schema_of};
use crate::problem::Problem;

/// An answer's type.
pub trait Answer: Send {
    /// The body's bytes; none for an empty body.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`](super::Kind::Internal) when it cannot be written as JSON.
    fn encode(&self) -> Result<Option<Bytes>, Problem>;

    /// For the OpenAPI document.
    fn schema() -> Option<(String, Schemas)>;
}

impl<T: Serialize + ToSchema + Send> Answer for T {
    fn encode(&self) -> Result<Option<Bytes>, Problem> {
        serde_json::to_vec(self)
            .map(|bytes| Some(bytes.into()))
            .map_err(Problem::internal)
    }

    fn schema() -> Option<(String, Schemas)> {
        Some(schema_of::<T>())
    }
}

/// The answer type of operations that do not answer JSON, or that stream.
#[derive(Clone, Copy, Debug)]
pub struct Raw;

impl Answer for Empty {
    fn encode(&self) -> Result<Option<Bytes>, Problem> {
        Ok(None)
    }

    fn schema() -> Option<(String, Schemas)> {
        None
    }
}

impl Answer for Raw {
    fn encode(&self) -> Result<Option<Bytes>, Problem> {
        Ok(None)
    }

    fn schema() -> Option<(String, Schemas)> {
        None
    }
}

/// The bytes of an answer that is in memory as a whole, among the extensions of its response.
#[derive(Clone, Debug)]
pub(super) struct Whole(pub(super) Bytes);
