//! Synchronising a channel: its catalogue, its counters, and the past curves of its newest videos.
//!
//! The database says what comes next (`engine.begin_sync`) and remembers what is done with every batch, so that a pass
//! which was killed goes on where it stopped. A pass is a row of phases; their calls to YouTube run side by side.

mod catalogue;
mod curves;
mod failure;
mod pass;
mod phases;

use serde_json::json;

use self::failure::{SyncError, classify};
use self::pass::{Job, Pass, Phase, Progress};
use crate::channels::Channel;
use crate::channels::access::CallError;
use crate::pipeline::{Claim, Outcome, StepCtx};
use crate::quota::QuotaError;
use clients::youtube::ErrorKind;
use platform::clock;
use platform::db::{Db, DbError};
use platform::endpoint::{Idempotency, Problem};
use platform::ids::{ChannelId, UserId};

/// The step's kind.
pub const KIND: &str = "channel.sync";

/// Makes the channel's step due.
///
/// # Errors
///
/// [`Kind::ChannelDisconnected`](platform::endpoint::Kind::ChannelDisconnected) and roles that are too low.
pub async fn request(
    engine: &Db,
    user: UserId,
    id: ChannelId,
    idempotency: Option<&Idempotency>,
) -> Result<Channel, Problem> {
    let arguments = json!({"p_user": user, "p_channel": id, "p_idempotency": idempotency});
    let channel: Channel = engine.call("request_sync", &arguments).await?;
    Ok(channel.with_attention())
}

/// Runs the step: a slice of the channel's synchronisation.
pub(crate) async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let error = match slice(ctx, claim).await {
        Ok(outcome) => return outcome,
        Err(error) => error,
    };
    let (outcome, pause) = classify(&error, clock::now());
    if let Some(pause) = pause {
        let arguments =
            json!({"p_reason": pause.reason, "p_retry_seconds": pause.retry_after.as_secs_f64()});
        let paused: Result<(), DbError> = ctx.fenced(claim, "pause_sync", arguments).await;
        if let Err(error) = paused {
            tracing::warn!(channel.id = %claim.subject_id, error = %error, "a pause could not be stored");
        }
    }
    outcome
}

async fn slice(ctx: &StepCtx, claim: &Claim) -> Result<Outcome, SyncError> {
    let mut job: Job = ctx.fenced(claim, "begin_sync", json!({})).await?;
    match job.phase {
        Phase::Stopped => {
            tracing::info!(channel.id = %claim.subject_id, reason = job.reason, "nothing is synchronised");
            return Ok(Outcome::Done);
        }
        Phase::Idle => return Ok(job.next_pass()),
        _ => {}
    }
    let engine = ctx.engine();
    let pass = Pass::open(ctx, claim, &engine).await?;
    let outcome = phases(&pass, &mut job).await;
    let exhausted =
        matches!(&outcome, Err(error) if error.youtube_kind() == Some(ErrorKind::DailyQuota));
    let resets_at = pass.settle(job.phase, exhausted).await;
    if exhausted {
        let remaining = 0;
        let used_up = QuotaError::UsedUp {
            resets_at,
            remaining,
        };
        return Err(CallError::Quota(used_up).into());
    }
    outcome
}

/// Phase after phase, until the pass or the slice is over.
async fn phases(pass: &Pass<'_>, job: &mut Job) -> Result<Outcome, SyncError> {
    while job.phase != Phase::Idle {
        let progress = match job.phase {
            Phase::Identity => {
                *job = phases::identity(pass, job).await?;
                continue;
            }
            Phase::Catalogue => catalogue::run(pass, job).await?,
            Phase::Verify => phases::verify(pass).await?,
            Phase::Counters => phases::counters(pass).await?,
            Phase::Formats => unless_forbidden(pass, phases::formats(pass).await)?,
            Phase::Curves => unless_forbidden(pass, curves::run(pass).await)?,
            Phase::Idle | Phase::Stopped | Phase::Unknown => {
                return Err(SyncError::Permanent {
                    code: "unknown_phase",
                    message: "The synchronisation is at a phase that this version does not know.",
                });
            }
        };
        if progress == Progress::OutOfTime {
            return Ok(Outcome::continue_now("more_to_sync"));
        }
        let next = pass.engine("advance_sync", json!({"p_phase": job.phase}));
        *job = next.await?;
    }
    Ok(job.next_pass())
}

/// Analytics may be refused for reasons of its own, its own allowance among them; the catalogue is worth having without it,
/// and what it refused is asked for in the next pass.
fn unless_forbidden(
    pass: &Pass<'_>,
    progress: Result<Progress, SyncError>,
) -> Result<Progress, SyncError> {
    match progress {
        Err(SyncError::Call(CallError::YouTube(error)))
            if matches!(
                error.kind(),
                Some(
                    ErrorKind::ScopeMissing
                        | ErrorKind::Forbidden
                        | ErrorKind::Invalid
                        | ErrorKind::DailyQuota
                )
            ) =>
        {
            tracing::warn!(channel.id = %pass.claim.subject_id, code = error.code(), "Analytics is not available");
            Ok(Progress::Complete)
        }
        other => other,
    }
}
