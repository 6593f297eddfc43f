//! `upload.advance`: takes an upload as far on its way as a slice allows; [`flow`](crate::publishing::flow) knows the way.

use super::{Claim, Outcome, StepCtx};
use crate::publishing::flow;

/// The step's kind.
pub const KIND: &str = "upload.advance";

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    flow::run(ctx, claim).await
}
