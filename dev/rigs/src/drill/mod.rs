//! `catalyst-dev drill`: the local stack's database is destroyed in the middle of uploads and brought back, end to end.
//!
//! Scripts are rendered, some uploads are scheduled, and a backup is taken and verified while they run. Then more are
//! scheduled, whose very existence the backup does not know. While pieces are on their way the server is killed and its data
//! removed. An empty server takes its place, `recover` does its work, and everything is carried to its end. What happened
//! is read from the stand-in of YouTube: how many videos each job has.

mod backup;
mod database;
mod jobs;
mod report;
mod run;
mod setup;

pub use run::{DrillArgs, run};
