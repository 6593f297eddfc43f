//! `catalyst-dev demo`: the whole loop once, for a new user, through the HTTP API of the built functions.
//!
//! Nothing here goes around the API: the demo signs up, connects, syncs, generates, renders, schedules and waits as a front
//! end would. Only the operator's own acts (accepting the derived-metrics amendment, moving the local stack's clock to the
//! slot) use the stack's controls, and what the outside world holds at the end is read from the stand-ins.

mod answers;
mod catalog;
mod channel;
mod console;
mod content;
mod operator;
mod publication;
mod render;
mod run;
mod tour;

pub use run::{DemoArgs, run};
