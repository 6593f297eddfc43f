//! Publishing: a finished render goes to YouTube ahead of its time, exactly once, and YouTube publishes it.

pub mod calendar;
pub mod conflicts;
pub mod metadata;
pub mod quota_day;
pub mod slots;
pub mod state;
