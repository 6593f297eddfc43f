//! `catalyst unclaimed`: videos whose schedule was lost when a database was restored, and letting them be uploaded again.

mod command;

pub use self::command::{UnclaimedArgs, run};
