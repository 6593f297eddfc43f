//! `channel.erase`: what the request could not finish of an erasure.

use super::{Claim, Outcome, StepCtx, StepError};
use crate::channels::erase;
use platform::ids::ChannelId;

/// From this attempt on a channel is erased even when Google cannot be told: the wish to be erased comes first.
const LAST_ATTEMPTS: u32 = 6;

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let engine = ctx.engine();
    let done = match erase::grant(&engine, ChannelId(claim.subject_id)).await {
        Ok(grant) => {
            let anyway = claim.attempt >= LAST_ATTEMPTS;
            erase::finish(&engine, ctx.config(), &grant, anyway).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::Retry {
            after: None,
            error: StepError::new(
                "revoke_failed",
                "Google could not be told to end the grant.",
            ),
        },
        Err(error) => Outcome::Retry {
            after: None,
            error: StepError::new("database_unavailable", error.to_string()),
        },
    }
}
