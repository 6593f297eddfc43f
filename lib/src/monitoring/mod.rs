//! What operators look at: health, metrics, dead letters; and what a front end has to know first.

pub mod dead_letters;
pub mod health;
mod health_report;
pub mod metrics;
mod public_config;

pub use health_report::Health;
pub use public_config::{PublicConfig, public_config};
