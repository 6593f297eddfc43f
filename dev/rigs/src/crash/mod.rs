//! `catalyst-dev crash`: real dispatcher processes are killed and stalled while they render and upload, and what the world
//! outside saw is counted.
//!
//! Each job is an approved script, its paid render and its scheduled upload. Several processes of the built dispatcher
//! work on them at once; some are ended by SIGKILL at seeded moments and started again, some are stopped past their lease
//! and then go on. At the end the stand-ins are asked, not only the database: a job has one video and one charge, or the
//! rig says how many it has.

mod args;
mod dispatchers;
mod effects;
mod faults;
mod jobs;
mod load_balancer;
pub mod points;
mod promises;
mod records;
mod run;
mod workers;

pub use args::CrashArgs;
pub use run::run;
