//! The tool `catalyst`: the local stack, migrations, and what else a person runs at a prompt.
//!
//! It is a library with a thin binary so that tests can drive its parts. Nothing the functions ship depends on it.

pub mod backup;
pub mod bench;
pub mod check;
pub mod crash;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod functions;
pub mod gateway;
pub mod keys;
pub mod migrate;
pub mod outages;
pub mod postgres_config;
pub mod process;
pub mod project;
pub mod recover;
pub mod rig;
pub mod stack;

pub use error::Error;
