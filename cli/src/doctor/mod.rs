//! `catalyst doctor`: what is wrong with the configuration of a deployment, and what puts it right.

pub(crate) mod ask;
mod command;
mod database;
mod deployment;
mod finding;
mod logging;
mod services;
mod variables;

pub use self::command::{DoctorArgs, examine, run};
pub use self::finding::Finding;
pub(crate) use self::variables::NEIGHBOURS;
