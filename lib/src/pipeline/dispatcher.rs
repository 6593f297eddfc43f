//! Runs due steps inside a time budget, after the answer that woke it.
//!
//! What a killed instance leaves behind comes back when its lease ends: nothing here has to be cleaned up.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use uuid::Uuid;

use super::queue::{self, Finished};
use super::step::{Claim, Outcome, RunStep, StepCtx};
use super::turn::Turn;
use platform::clock;
use platform::config::Config;
use platform::db::Db;
use platform::telemetry::recorder::{self, StepRun};
use platform::trace::{self, Trace};

/// Steps that one instance runs side by side.
const CONCURRENCY: usize = 8;
/// Without news, look at the queues this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nothing new is begun this close to the budget's end.
const LAST_START: Duration = Duration::from_secs(5);

static TURN: Turn = Turn::new();

/// Works until nothing is due soon or the budget ends. In an instance that is working already this wakes the worker and
/// stands by to relieve it.
pub async fn dispatch(config: &'static Config, run: RunStep) {
    let ends = Instant::now() + Duration::from_secs(config.app.dispatch_budget_seconds);
    if !TURN
        .take(ends.checked_sub(LAST_START).unwrap_or(ends))
        .await
    {
        return;
    }
    let work = AssertUnwindSafe(work(config, run, ends))
        .catch_unwind()
        .await;
    TURN.end();
    if work.is_err() {
        tracing::error!("the dispatcher panicked");
    }
    recorder::written().await;
}

async fn work(config: &'static Config, run: RunStep, ends: Instant) {
    let engine = Db::engine(config);
    let worker = format!("dispatch-{}", Uuid::now_v7());
    let mut running = FuturesUnordered::new();
    let mut finished: Vec<Finished> = Vec::new();
    loop {
        let left = ends.saturating_duration_since(Instant::now());
        let limit = if left > LAST_START {
            CONCURRENCY - running.len()
        } else {
            0
        };
        if limit > 0 || !finished.is_empty() {
            let ended = std::mem::take(&mut finished);
            let claims = finish_and_claim(config, &engine, &worker, limit, ended);
            let mut claims = std::pin::pin!(claims);
            // What runs goes on meanwhile: its heartbeats must not wait for a slow database.
            let claims = loop {
                tokio::select! {
                    claims = &mut claims => break claims,
                    Some(end) = running.next() => finished.extend(end),
                }
            };
            let claims = claims.into_iter();
            running.extend(claims.map(|claim| run_claim(config, run, claim)));
        }
        if !finished.is_empty() {
            continue;
        }
        if running.is_empty() {
            if left <= LAST_START || !due_within(&engine, left - LAST_START).await {
                return;
            }
            let _ = tokio::time::timeout(LOOK_EVERY, TURN.woken()).await;
        } else if let Ok(Some(end)) = tokio::time::timeout(LOOK_EVERY, running.next()).await {
            finished.extend(end);
            while let Some(Some(end)) = running.next().now_or_never() {
                finished.extend(end);
            }
        }
    }
}

/// Ends claims and claims up to `limit` due steps, in one call. When it fails each claim is ended by a call of its own, so
/// that none has to wait for another.
async fn finish_and_claim(
    config: &'static Config,
    engine: &Db,
    worker: &str,
    limit: usize,
    finished: Vec<Finished>,
) -> Vec<Claim> {
    let lease_seconds = config.app.lease_seconds;
    match queue::finish_and_claim(engine, worker, limit, lease_seconds, &finished).await {
        Ok(claims) => claims,
        Err(error) => {
            tracing::warn!(error = %error, "steps could not be claimed");
            for Finished { claim, outcome } in &finished {
                finish(engine, claim, outcome).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
            Vec::new()
        }
    }
}

/// Whether anything becomes due before the budget ends.
async fn due_within(engine: &Db, left: Duration) -> bool {
    match queue::next_due_seconds(engine).await {
        Ok(seconds) => seconds.is_some_and(|seconds| seconds < left.as_secs_f64()),
        Err(error) => {
            tracing::warn!(error = %error, "the pipeline's state could not be read");
            false
        }
    }
}

/// Runs a claim. What is left is to end it, unless that has happened.
async fn run_claim(config: &'static Config, run: RunStep, claim: Claim) -> Option<Finished> {
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
async fn finish(engine: &Db, claim: &Claim, outcome: &Outcome) {
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
    let result = outcome.as_str();
    let reason = match outcome {
        Outcome::Done => None,
        Outcome::Continue { reason, .. } | Outcome::Snooze { reason, .. } => {
            Some((*reason).to_owned())
        }
        Outcome::Retry { error, .. } | Outcome::Discard { error } => Some(error.to_string()),
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
