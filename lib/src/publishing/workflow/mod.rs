//! `upload.advance`: takes an upload from its schedule to a public video, as far as one slice allows.
//!
//! Each run reads the upload's own state. What keeps a killed run from doing harm is the order: quota and turn are taken in
//! one transaction; the session is committed before its first byte; after an ambiguous answer the session is asked before
//! anything is sent; a session that is gone leads to `outcome_unknown`, which only a search of the channel leaves; and every
//! write is refused once the claim was taken over.

mod flow;
mod reconcile;
mod search;
mod send;
mod session;
mod stop;
#[cfg(feature = "crash-proof-off")]
mod unrecorded;
mod video;
mod withdraw;
mod work;
mod youtube;

use flow::{Flow, WORTH_STARTING};
use serde_json::json;
use work::Work;

use super::state::UploadState as State;
use crate::pipeline::{Claim, Outcome, StepCtx};

/// The step's kind.
pub(crate) const KIND: &str = "upload.advance";

/// Runs the step.
pub(crate) async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match Flow::new(ctx, claim) {
        Ok(flow) => advance(&flow).await.unwrap_or_else(|outcome| outcome),
        Err(error) => error.outcome(),
    }
}

async fn advance(flow: &Flow<'_>) -> Result<Outcome, Outcome> {
    let mut work: Work = flow.call("open_upload", json!({})).await?;
    loop {
        let cancelled = work.is_cancelled().then(|| work.clone());
        let next = match work.upload.state {
            State::Scheduled | State::Preparing => flow.prepare(work).await,
            State::Uploading => flow.send(work).await,
            State::OutcomeUnknown => flow.search(work).await,
            State::Processing => flow.check_processing(work).await,
            State::OnYoutube => flow.check_scheduled(work).await,
            State::NeedsAttention | State::Published | State::Cancelled | State::Failed => {
                return Ok(Outcome::Done);
            }
        };
        work = match (next, cancelled) {
            (Ok(work), _) => work,
            (Err(outcome), Some(cancelled)) => return Ok(flow.insist(&cancelled, outcome).await),
            (Err(outcome), None) => return Err(outcome),
        };
        if flow.ctx.time_left() < WORTH_STARTING {
            return Ok(Outcome::continue_now("slice_over"));
        }
    }
}
