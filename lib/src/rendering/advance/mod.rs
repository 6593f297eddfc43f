//! `render.advance`: takes a render one step further.
//!
//! What to do follows from the render's own state, so any process may run the step any number of times, after any crash:
//!
//! | state | what is done |
//! | --- | --- |
//! | `requested` | commit `submitting`, send once, commit the answer |
//! | `submitting` | the process that sent it is gone: `submit_unknown` |
//! | `submit_unknown` | search for the job: a callback's hint, then the callbacks and times in the listing |
//! | `queued`, `rendering` | poll; measure and hash the file when there is one |
//! | `timed_out_unknown` | poll once more, late, and after every callback |
//!
//! The writes carry the claim's fence, except for the two that record what a submit brought: those are facts about the
//! world outside that only the sender knows, and the token that was made for this one submit authorises them.

mod collect;
mod poll;
mod search;
mod submit;
mod work;

use std::time::Duration;

use serde_json::json;
use work::{Run, Work};

use super::{poll_schedule::PollSchedule, provider::provider, render::State};
use crate::pipeline::{Claim, Outcome, StepCtx};
use platform::db::DbError;

/// Name of the step.
pub const KIND: &str = "render.advance";

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let Ok(revid) = provider(ctx.config()) else {
        return Outcome::snooze(Duration::from_secs(600), "no_provider_key");
    };
    let run = Run {
        ctx,
        claim,
        revid,
        schedule: PollSchedule::of(ctx.config()),
    };
    run.advance().await.unwrap_or_else(Outcome::from)
}

impl Run<'_> {
    async fn advance(&self) -> Result<Outcome, DbError> {
        let work: Option<Work> = self.fenced("open_render", json!({})).await?;
        let Some(work) = work else {
            return Ok(Outcome::Done);
        };
        match work.state {
            State::Requested => self.submit(&work).await,
            State::Submitting => self.submit_unknown("interrupted").await,
            State::SubmitUnknown => self.search(&work).await,
            State::Queued | State::Rendering | State::TimedOutUnknown => self.poll(&work).await,
            State::Ready | State::Failed | State::Cancelled => Ok(Outcome::Done),
        }
    }
}
