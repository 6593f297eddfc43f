//! Which code runs which kind of step.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::pipeline::{
    Claim, Outcome, StepCtx, StepError, advance_render, advance_upload, deliver_webhook,
    erase_channel, score_channel, set_thumbnail, sync_channel,
};

/// Runs one claimed step.
#[must_use]
pub fn run<'a>(ctx: &'a StepCtx, claim: &'a Claim) -> BoxFuture<'a, Outcome> {
    match claim.kind.as_str() {
        advance_render::KIND => advance_render::run(ctx, claim).boxed(),
        advance_upload::KIND => advance_upload::run(ctx, claim).boxed(),
        set_thumbnail::KIND => set_thumbnail::run(ctx, claim).boxed(),
        "channel.erase" => erase_channel::run(ctx, claim).boxed(),
        "channel.sync" => sync_channel::run(ctx, claim).boxed(),
        deliver_webhook::KIND => deliver_webhook::run(ctx, claim).boxed(),
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
