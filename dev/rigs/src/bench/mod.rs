//! `catalyst-dev bench`: the release functions side by side with the same functions in TypeScript, and with the limit that
//! PostgREST, the queue and the wire set. docs/performance.md says how to read it.
//!
//! Everything runs on one machine, against one stack, in one go; what is compared is measured in turns. What is measured
//! is what ships.

mod args;
mod bare_copy;
mod channel_sync;
mod dispatcher;
mod equivalence;
mod growth;
mod instructions;
mod machine;
mod number_format;
mod own_runtime;
mod parts;
mod peer;
mod performance_page;
mod publish;
mod report;
mod routes;
mod row;
mod run;
mod runs;
mod saturation;
mod scoring;
mod server;
mod size;
mod start;
mod steps;
mod testbed;
mod warm;
mod wire;

pub use args::BenchArgs;
pub use run::run;
