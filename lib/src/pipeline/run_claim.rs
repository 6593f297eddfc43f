//! Runs one claim: its step's code beside the heartbeat that keeps the lease.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;

use super::queue::{self, Finished};
use super::step::{Claim, Outcome, RunStep, StepCtx};
use platform::clock;
use platform::config::Config;
use platform::db::Db;
use platform::telemetry::recorder::{self, StepRun};
use platform::trace::{self, Trace};

/// Runs a claim. What is left is to end it, unless that has happened.
pub(super) async fn run_claim(
    config: &'static Config,
    run: RunStep,
    claim: Claim,
) -> Option<Finished> {
    Trace::of_step(claim.step_id, claim.request_id.as_deref())
        .follow(Box::pin(run_traced(config, run, claim)))
        .await
}

async fn run_traced(config: &'static Config, run: RunStep, claim: Claim) -> Option<Finished> {
    let started = Instant::now();
    let engine = Db::engine(config);
    let ctx = StepCtx::new(config);
    let step = AssertUnwindSafe(run(&ctx, &claim)).catch_unwind();
    let outcome = tokio::select! {
        outcome = step => outcome.unwrap_or_else(|_| Outcome::retry("panicked", "The step's code panicked.")),
        () = lease_lost(&engine, &claim, config.app.lease_seconds) => {
            tracing::warn!(step.id = %claim.step_id, step.kind = claim.kind, "lease lost");
            return None;
        }
    };
    record(&claim, &outcome, started.elapsed());
    match outcome {
        // Ends in a few rows that are its own, and may share a transaction.
        Outcome::Done | Outcome::Continue { .. } | Outcome::Snooze { .. } => {
            Some(Finished { claim, outcome })
        }
        // May dead-letter the step, which has consequences for its subject.
        Outcome::Retry { .. } | Outcome::Discard { .. } => {
            finish(&engine, &claim, &outcome).await;
            None
        }
    }
}

/// Ends a claim by a call of its own.
pub(super) async fn finish(engine: &Db, claim: &Claim, outcome: &Outcome) {
    for attempt in 0..3u32 {
        match queue::finish(engine, claim, outcome).await {
            Ok(_) => return,
            Err(error) if error.is_transient() && attempt < 2 => {
                tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
            }
            Err(error) => {
                tracing::error!(step.id = %claim.step_id, error = %error, "a claim could not be ended; its lease will");
                return;
            }
        }
    }
}

/// Keeps the lease by a heartbeat each third of it, and resolves when it is no longer ours.
async fn lease_lost(engine: &Db, claim: &Claim, lease_seconds: u64) {
    let heartbeat = Duration::from_secs(lease_seconds) / 3;
    loop {
        tokio::time::sleep(heartbeat).await;
        match queue::extend(engine, claim, lease_seconds).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(step.id = %claim.step_id, error = %error, "a lease could not be extended");
            }
        }
    }
}

fn record(claim: &Claim, outcome: &Outcome, duration: Duration) {
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (result, reason) = match outcome {
        Outcome::Done => ("done", None),
        Outcome::Continue { reason, .. } => ("again", Some((*reason).to_owned())),
        Outcome::Snooze { reason, .. } => ("wait", Some((*reason).to_owned())),
        Outcome::Retry { error, .. } => ("retry", Some(error.to_string())),
        Outcome::Discard { error } => ("give_up", Some(error.to_string())),
    };
    tracing::info!(
        step.id = %claim.step_id,
        step.kind = claim.kind,
        subject.id = %claim.subject_id,
        attempt = claim.attempt,
        result,
        reason = reason.as_deref(),
        duration_ms,
        request_id = claim.request_id,
        "step"
    );
    recorder::step(StepRun {
        request_id: claim.request_id.clone(),
        step_id: claim.step_id,
        at: clock::now(),
        kind: claim.kind.clone(),
        attempt: claim.attempt,
        result,
        reason,
        duration_ms,
        span: trace::current().unwrap_or_default().span,
    });
}
