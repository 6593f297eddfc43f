//! `catalyst users`: who uses a deployment, and the limits that are theirs alone.

mod account;
mod command;
mod plan;

pub use self::command::{UsersArgs, run};
pub use self::plan::LIMITS;
