//! What an operation's ordinary answer holds.

use std::marker::PhantomData;

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

impl<T: ToSchema> Answer for Json<T> {
    fn encode(&self) -> Result<Option<Bytes>, Problem> {
        Ok(Some(self.bytes.clone()))
    }

    fn schema() -> Option<(String, Schemas)> {
        Some(schema_of::<T>())
    }
}

/// The answer type of operations that do not answer JSON, or that stream.
#[derive(Clone, Copy, Debug)]
pub struct Raw;

/// A body that is written already, in the shape of `T`: what was borrowed from an answer of the database need not
/// outlive it.
#[derive(Debug)]
pub struct Json<T> {
    bytes: Bytes,
    shape: PhantomData<fn() -> T>,
}

impl<T> Json<T> {
    /// Writes a value of that shape, which takes about so many bytes.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`](super::Kind::Internal) when it cannot be written as JSON.
    pub fn write(value: &impl Serialize, about: usize) -> Result<Self, Problem> {
        let mut bytes = Vec::with_capacity(about);
        serde_json::to_writer(&mut bytes, value).map_err(Problem::internal)?;
        Ok(Self {
            bytes: bytes.into(),
            shape: PhantomData,
        })
    }
}

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
