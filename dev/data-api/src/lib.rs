//! The Data API of the local stack, answered by postrust in PostgREST's manner, and the server in front of it.
//!
//! A crate of its own, because requests pass through it while performance is measured: it is optimised there, and the rest of
//! the stack is not.

mod answer;
mod database;
mod null_arguments;
mod serve;

pub use answer::answer;
pub use database::{DataApi, StartError};
pub use null_arguments::MAX_BODY;
pub use serve::serve;
