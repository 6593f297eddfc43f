//! Which code runs which kind of step.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::channels::erase;
use crate::pipeline::{Claim, Outcome, RunStep, StepCtx, StepError};
use crate::publishing::{thumbnail, workflow};
use crate::rendering::{advance, copy};
use crate::sync;
use crate::videos::score_channel;
use crate::webhooks::deliver;

/// The code of each kind of step.
const STEPS: [(&str, RunStep); 9] = [
    (advance::KIND, |ctx, claim| advance::run(ctx, claim).boxed()),
    (copy::KIND, |ctx, claim| copy::run(ctx, claim).boxed()),
    (workflow::KIND, |ctx, claim| {
        workflow::run(ctx, claim).boxed()
    }),
    (thumbnail::KIND, |ctx, claim| {
        thumbnail::run(ctx, claim).boxed()
    }),
    (erase::KIND, |ctx, claim| erase::run(ctx, claim).boxed()),
    (erase::USER_KIND, |ctx, claim| {
        erase::run_user(ctx, claim).boxed()
    }),
    (sync::KIND, |ctx, claim| sync::run(ctx, claim).boxed()),
    (deliver::KIND, |ctx, claim| deliver::run(ctx, claim).boxed()),
    (score_channel::KIND, |ctx, claim| {
        score_channel::run(ctx, claim).boxed()
    }),
];

/// Every kind of step that there is work for.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|(kind, _)| *kind)
}

/// Runs one claimed step.
#[must_use]
pub fn run<'a>(ctx: &'a StepCtx, claim: &'a Claim) -> BoxFuture<'a, Outcome> {
    if let Some((_, run)) = STEPS.iter().find(|(kind, _)| *kind == claim.kind) {
        return run(ctx, claim);
    }
    let outcome = match claim.kind.as_str() {
        // Does nothing: for those who want to see that steps are claimed and ended.
        "pipeline.probe" => Outcome::Done,
        other => Outcome::Discard {
            error: StepError::new(
                "unknown_step",
                format!("No code runs steps of kind {other}."),
            ),
        },
    };
    std::future::ready(outcome).boxed()
}
