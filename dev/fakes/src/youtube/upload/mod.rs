//! Resumable uploads: sessions, chunks, status queries.

mod admit;
mod chunk;
mod sessions;
mod start;

pub(crate) use chunk::chunk;
pub(crate) use sessions::{operations, status};
pub(crate) use start::start;
