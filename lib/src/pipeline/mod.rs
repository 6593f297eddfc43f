//! Steps: units of work that happen at least once and are idempotent.
//!
//! A queue message carries a step's id and nothing else. [`queue`] claims steps under a lease with a fencing token, and
//! [`dispatcher`] runs them inside a time budget. The code of each kind decides, from its subject's own state, what to do
//! next; [`crate::steps`] names it.

pub mod advance_render;
pub mod advance_upload;
mod backoff;
pub mod deliver_webhook;
pub mod dispatcher;
pub mod erase_channel;
pub mod queue;
pub mod score_channel;
pub mod set_thumbnail;
mod step;
pub mod sync_channel;

pub use step::{Claim, Outcome, StepCtx, StepError};
