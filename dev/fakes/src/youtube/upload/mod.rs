//! Resumable uploads: sessions, chunks, status queries.

mod admit;
mod body;
mod chunk;
mod content_range;
mod finish;
mod responses;
mod start;
mod status;

pub(super) use chunk::chunk;
pub(super) use content_range::operations;
pub(super) use start::start;
pub(super) use status::status;
