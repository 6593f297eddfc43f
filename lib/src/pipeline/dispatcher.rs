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

use super::queue::{self, Finished};
use super::run_claim::{finish, run_claim};
use super::step::{Claim, RunStep};
use platform::config::Config;
use platform::db::Db;
use platform::telemetry::recorder;

/// Steps that one instance runs side by side.
const CONCURRENCY: usize = 8;
/// Without news, look at the queues this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nothing new is begun this close to the budget's end.
const LAST_START: Duration = Duration::from_secs(5);

static RUNNING: AtomicBool = AtomicBool::new(false);
static WOKEN: Notify = Notify::const_new();

/// Works until nothing is due soon or the budget ends. In an instance that is working already this only wakes the worker.
pub async fn dispatch(config: &'static Config, run: RunStep) {
    if RUNNING.swap(true, Ordering::AcqRel) {
        WOKEN.notify_one();
        return;
    }
    let work = AssertUnwindSafe(work(config, run)).catch_unwind().await;
    RUNNING.store(false, Ordering::Release);
    if work.is_err() {
        tracing::error!("the dispatcher panicked");
    }
    recorder::written().await;
}

async fn work(config: &'static Config, run: RunStep) {
    let engine = Db::engine(config);
    let worker = format!("dispatch-{}", Uuid::now_v7());
    let ends = Instant::now() + Duration::from_secs(config.app.dispatch_budget_seconds);
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
            let _ = tokio::time::timeout(LOOK_EVERY, WOKEN.notified()).await;
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
