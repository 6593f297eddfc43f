//! The product's rows and functions over [`postgrest`].
//!
//! Reads carry the caller's own token, so row level security decides; changes are calls of `engine` functions with the
//! secret key. [`DbError`] is what either can end with, and becomes a [`Problem`](crate::problem::Problem) in one place.

mod client;
mod error;
pub mod keyset;

pub(crate) use client::http_client;
pub use client::{Db, Fetch};
pub use error::DbError;
