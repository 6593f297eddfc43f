//! Logs, and records of requests, calls and steps: in the database, and for the receivers that are configured.

mod batch;
mod events;
mod export;
mod log;
mod provider_calls;
pub mod recorder;
mod records;
mod requests;
mod traces;

pub use log::init;
pub(crate) use log::log_request;
pub(crate) use provider_calls::observe;
pub(crate) use records::Request;
pub(crate) use requests::record;
