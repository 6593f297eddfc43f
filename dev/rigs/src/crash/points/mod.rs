//! `catalyst-dev crash-points`: every call that a step makes is a point at which its process may die, so at each of them one does.
//!
//! First one job of each sort goes its way undisturbed and every call of its steps is written down: to the outside
//! services, and to the functions that change the database. Then each point gets a job of its own, whose worker is ended
//! by SIGKILL once, just before the call leaves or just after it had its effect. At last every step is run again as a
//! whole, and the scheduler delivers each occurrence twice. What counts is what the stand-ins and the database hold
//! afterwards.

mod args;
mod call;
mod caller;
mod channels;
mod discovery;
mod intercept;
mod job;
mod listen;
mod plan;
mod point;
mod poison;
mod promises;
mod proxy;
mod recording;
mod registry;
mod report;
mod rig;
mod run;
mod settle;
mod workers;

pub use args::PointsArgs;
pub use run::run;
