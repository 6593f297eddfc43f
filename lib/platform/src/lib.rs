//! What every function stands on: one entry point for requests, callers, configuration, the database, and what is recorded.
//!
//! Nothing here knows the product. [`endpoint`] takes requests, [`db`] reads rows and calls functions over the Data API,
//! [`outbound`] gives the clients of outside services their recorded transport.

pub mod auth;
pub mod clock;
pub mod closest;
pub mod config;
pub mod db;
pub mod endpoint;
pub mod field_errors;
pub mod ids;
pub mod keys;
pub mod nullable;
pub mod outbound;
pub mod problem;
pub mod random;
pub mod sealing;
pub mod telemetry;
pub mod trace;
pub mod uptime;
pub mod wake;
