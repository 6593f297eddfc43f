//! The product's rows and functions over [`postgrest`].
//!
//! Reads carry the caller's own token, so row level security decides; changes are calls of `engine` functions with the
//! secret key. [`DbError`] is what either can end with, and becomes a [`Problem`](crate::problem::Problem) in one place.

mod client;
mod error;
mod fetch;
mod http;
pub mod keyset;
mod send;

pub use client::Db;
pub use error::DbError;
pub use fetch::Fetch;
pub(crate) use http::http_client;
