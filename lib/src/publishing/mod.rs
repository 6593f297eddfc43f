//! Publishing: a finished render goes to YouTube ahead of its time, exactly once, and YouTube publishes it.

pub mod calendar;
pub mod conflicts;
pub mod feed;
pub(crate) mod flow;
pub mod ledger;
pub mod metadata;
pub mod quota_day;
pub mod reconcile;
pub mod slots;
pub mod state;
pub mod uploads;
