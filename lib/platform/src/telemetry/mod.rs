//! Logs, and records of requests, calls and steps: in the database, and for the receivers that are configured.

mod environment;
mod export;
mod log;
mod panicked;
mod provider_calls;
pub mod recorder;
mod records;
mod traces;

pub use log::init;
pub(crate) use log::log_request;
pub(crate) use panicked::Panicked;
pub(crate) use provider_calls::observe;
pub(crate) use recorder::record;
pub(crate) use records::Request;
