//! Steps: units of work that happen at least once and are idempotent.
//!
//! A queue message carries a step's id and nothing else. `queue` claims steps under a lease with a fencing token, and
//! [`dispatcher`] runs them inside a time budget. The code of each kind decides, from its subject's own state, what to do
//! next; [`crate::steps`] names it.

pub mod dispatcher;
mod parts;
mod queue;
mod step;
mod turn;

pub(crate) use parts::in_parts;
pub use step::{Claim, Outcome, RunStep, StepCtx, StepError};
