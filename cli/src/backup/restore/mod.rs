//! Restoring: schema, rows, comparison and reconciliation in one transaction, so that there is no half of it.

mod compare;
mod examine;
mod expect;
mod load;
mod migrations;
mod plan;
mod reconcile;
mod run;
mod target;
mod triggers;

pub use self::{
    examine::examine,
    plan::{End, Plan, Restored},
    run::restore,
};
