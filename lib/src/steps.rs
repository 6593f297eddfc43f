//! Which code runs which kind of step.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::channels::erase;
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use crate::publishing::{thumbnail, workflow};
use crate::rendering::{advance, copy};
use crate::sync;
use crate::videos::score_channel;
use crate::webhooks::deliver;

/// Runs one claimed step.
#[must_use]
pub fn run<'a>(ctx: &'a StepCtx, claim: &'a Claim) -> BoxFuture<'a, Outcome> {
    match claim.kind.as_str() {
        advance::KIND => advance::run(ctx, claim).boxed(),
        copy::KIND => copy::run(ctx, claim).boxed(),
        workflow::KIND => workflow::run(ctx, claim).boxed(),
        thumbnail::KIND => thumbnail::run(ctx, claim).boxed(),
        erase::KIND => erase::run(ctx, claim).boxed(),
        erase::USER_KIND => erase::run_user(ctx, claim).boxed(),
        sync::KIND => sync::run(ctx, claim).boxed(),
        deliver::KIND => deliver::run(ctx, claim).boxed(),
        score_channel::KIND => score_channel::run(ctx, claim).boxed(),
        // Does nothing: for those who want to see that steps are claimed and ended.
        "pipeline.probe" => std::future::ready(Outcome::Done).boxed(),
        other => std::future::ready(Outcome::Discard {
            error: StepError::new(
                "unknown_step",
                format!("No code runs steps of kind {other}."),
            ),
        })
        .boxed(),
    }
}
