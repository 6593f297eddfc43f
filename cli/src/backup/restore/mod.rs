//! Restoring: schema, rows, comparison and reconciliation in one transaction, so that there is no half of it.

mod compare;
mod rows;
mod run;

pub use self::rows::examine;
pub use self::run::{End, Plan, Restored, restore};
