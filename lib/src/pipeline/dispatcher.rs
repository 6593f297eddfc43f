//! Runs due steps inside a time budget, after the answer that woke it.
//!
//! What a killed instance leaves behind comes back when its lease ends: nothing here has to be cleaned up.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Claim, Outcome, StepCtx, StepError, queue};
use crate::clock;
use crate::config::Config;
use crate::db::Db;
use crate::telemetry::recorder::{self, StepRun};
use crate::telemetry::trace::{self, Trace};

/// Steps that one instance runs side by side.
const CONCURRENCY: usize = 4;
/// Without news, look at the queues this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nothing new is begun this close to the budget's end.
const LAST_START: Duration = Duration::from_secs(5);

static RUNNING: AtomicBool = AtomicBool::new(false);
static WOKEN: Notify = Notify::const_new();

/// Works until nothing is due soon or the budget ends. In an instance that is working already this only wakes the worker.
pub async fn dispatch(config: &'static Config) {
    if RUNNING.swap(true, Ordering::AcqRel) {
        WOKEN.notify_one();
        return;
    }
    let work = AssertUnwindSafe(work(config)).catch_unwind().await;
    RUNNING.store(false, Ordering::Release);
    if work.is_err() {
        tracing::error!("the dispatcher panicked");
    }
    recorder::written().await;
}

async fn work(config: &'static Config) {
    let engine = Db::engine(config);
    let worker = format!("dispatch-{}", Uuid::now_v7());
    let ends = Instant::now() + Duration::from_secs(config.app.dispatch_budget_seconds);
    let mut running = FuturesUnordered::new();
    loop {
        let left = ends.saturating_duration_since(Instant::now());
        if left > LAST_START && running.len() < CONCURRENCY {
            match queue::claim(
                &engine,
                &worker,
                CONCURRENCY - running.len(),
                config.app.lease_seconds,
            )
            .await
            {
                Ok(claims) => {
                    running.extend(claims.into_iter().map(|claim| run_claim(config, claim)));
                }
                Err(error) => {
                    tracing::warn!(error = %error, "steps could not be claimed");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
        if running.is_empty() {
            if left <= LAST_START || !due_within(&engine, left - LAST_START).await {
                return;
            }
            let _ = tokio::time::timeout(LOOK_EVERY, WOKEN.notified()).await;
        } else {
            let _ = tokio::time::timeout(LOOK_EVERY, running.next()).await;
        }
    }
}

/// Whether anything becomes due before the budget ends.
async fn due_within(engine: &Db, left: Duration) -> bool {
    match queue::status(engine).await {
        Ok(status) => status
            .next_due_seconds
            .is_some_and(|s| s < left.as_secs_f64()),
        Err(error) => {
            tracing::warn!(error = %error, "the pipeline's state could not be read");
            false
        }
    }
}

async fn run_claim(config: &'static Config, claim: Claim) {
    Trace::of_step(claim.step_id, claim.request_id.as_deref())
        .follow(Box::pin(run_traced(config, claim)))
        .await;
}

async fn run_traced(config: &'static Config, claim: Claim) {
    let started = Instant::now();
    let engine = Db::engine(config);
    let ctx = StepCtx::new(config);
    let step = AssertUnwindSafe(super::run(&ctx, &claim)).catch_unwind();
    let outcome = tokio::select! {
        outcome = step => outcome.unwrap_or_else(|_| Outcome::Retry {
            after: None,
            error: StepError::new("panicked", "The step's code panicked."),
        }),
        () = lease_lost(&engine, &claim, config.app.lease_seconds) => {
            tracing::warn!(step.id = %claim.step_id, step.kind = claim.kind, "lease lost");
            return;
        }
    };
    record(&claim, &outcome, started.elapsed());
    for attempt in 0..3u32 {
        match queue::finish(&engine, &claim, &outcome).await {
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
        Outcome::Again { reason, .. } => ("again", Some((*reason).to_owned())),
        Outcome::Wait { reason, .. } => ("wait", Some((*reason).to_owned())),
        Outcome::Retry { error, .. } => ("retry", Some(error.to_string())),
        Outcome::GiveUp { error } => ("give_up", Some(error.to_string())),
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
