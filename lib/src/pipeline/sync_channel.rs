//! `channel.sync`: keeps a channel's catalogue, counters and curves up to date.

use super::{Claim, Outcome, StepCtx};
use crate::channels::sync;

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    sync::run(ctx, claim).await
}
