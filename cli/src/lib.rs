//! The operator's tool `catalyst`: migrations, backups, recovery, keys, and what else is done to a deployment at a prompt.
//!
//! It is a library with a thin binary, so that tests and the development tools can use its parts. Nothing that the functions
//! ship depends on it.

#![cfg_attr(
    test,
    allow(clippy::too_many_lines, reason = "tests hold tables of cases")
)]

pub mod backup;
pub mod cost;
mod database_args;
pub mod deploy;
pub mod doctor;
pub mod error;
mod http;
pub mod keys;
pub mod migrate;
pub mod operator;
pub mod postgres;
pub mod postgres_config;
pub mod process;
pub mod program;
pub mod project;
pub mod recover;
pub mod score;
pub mod settings;
mod sha256;
pub mod unclaimed;
pub mod users;

pub use error::{Error, Result};
