//! `catalyst doctor`: what is wrong with the configuration of a deployment, and what puts it right.

pub mod command;
mod database;
mod examine;
mod finding;
mod functions;
mod services;
mod variables;

pub use self::{examine::examine, finding::Finding};
