//! Steps: units of work that happen at least once and are idempotent.
//!
//! A queue message carries a step's id and nothing else. [`queue`] claims steps under a lease with a fencing token,
//! [`dispatcher`] runs them inside a time budget, and each kind has one file here that decides, from its subject's own
//! state, what to do next.

pub mod advance_render;
pub mod advance_upload;
pub mod deliver_webhook;
pub mod dispatcher;
pub mod erase_channel;
pub mod queue;
pub mod score_channel;
pub mod set_thumbnail;
pub mod sync_channel;

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use platform::config::Config;
use platform::db::{Db, DbError};
use platform::ids::{ChannelId, StepId};

/// A claimed step. Every write carries `step_id` and `fence` and is refused when the claim was taken over.
#[derive(Clone, Debug, Deserialize)]
pub struct Claim {
    /// The step.
    pub step_id: StepId,
    /// Fencing token of this claim.
    pub fence: i64,
    /// Kind: `channel.sync`, `upload.advance`, …
    pub kind: String,
    /// The row the step is about.
    pub subject_id: Uuid,
    /// The channel it belongs to.
    pub channel_id: Option<ChannelId>,
    /// Which attempt this is, from 1. Counted by the claim.
    pub attempt: u32,
    /// How long it was due before it was claimed, in seconds.
    pub late_seconds: f64,
    /// The request that made it due.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// Why a step failed, as it is stored and shown to operators. Never upstream text that may hold secrets.
#[derive(Clone, Debug, Serialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct StepError {
    /// Stable slug.
    pub code: String,
    /// One sentence.
    pub message: String,
}

impl StepError {
    /// An error with a slug and a sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

/// How a claim ends.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing is left to do for this subject.
    Done,
    /// Progress was made and there is more to do; the attempts start anew.
    Again {
        /// When to go on.
        after: Duration,
        /// What it goes on with, for operators.
        reason: &'static str,
    },
    /// Waiting for a quota, a provider or a time; not a failure, gives this attempt back.
    Wait {
        /// When to look again.
        after: Duration,
        /// What it waits for, for operators.
        reason: &'static str,
    },
    /// Failed; try again. Counts, and dead-letters the step after its last attempt.
    Retry {
        /// When; full-jitter backoff by attempt when not given.
        after: Option<Duration>,
        /// Why.
        error: StepError,
    },
    /// Failed for good: dead-letters the step at once.
    GiveUp {
        /// Why.
        error: StepError,
    },
}

/// What a step may use.
#[derive(Clone, Debug)]
pub struct StepCtx {
    config: &'static Config,
    slice_ends: Instant,
}

/// A step yields after about this long, so that one long upload does not hold up all others.
const SLICE: Duration = Duration::from_secs(20);

impl StepCtx {
    /// A context whose slice begins now.
    #[must_use]
    pub fn new(config: &'static Config) -> Self {
        Self {
            config,
            slice_ends: Instant::now() + SLICE,
        }
    }

    /// The functions that change state.
    #[must_use]
    pub fn engine(&self) -> Db {
        Db::engine(self.config)
    }

    /// Calls a function that writes under a claim: it is told the step and its fence besides `arguments`, an object.
    ///
    /// # Errors
    ///
    /// [`DbError`]; a claim that was taken over is refused with `stale_fence`.
    pub async fn fenced<T: serde::de::DeserializeOwned>(
        &self,
        claim: &Claim,
        function: &str,
        mut arguments: serde_json::Value,
    ) -> Result<T, DbError> {
        arguments["p_step"] = serde_json::json!(claim.step_id);
        arguments["p_fence"] = serde_json::json!(claim.fence);
        self.engine().rpc(function, &arguments).await
    }

    /// Configuration.
    #[must_use]
    pub fn config(&self) -> &'static Config {
        self.config
    }

    /// What is left of this slice; zero means: store what you have and yield.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.slice_ends.saturating_duration_since(Instant::now())
    }
}

/// Runs one claimed step.
async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match claim.kind.as_str() {
        advance_render::KIND => advance_render::run(ctx, claim).await,
        advance_upload::KIND => advance_upload::run(ctx, claim).await,
        set_thumbnail::KIND => set_thumbnail::run(ctx, claim).await,
        "channel.erase" => erase_channel::run(ctx, claim).await,
        "channel.sync" => sync_channel::run(ctx, claim).await,
        deliver_webhook::KIND => deliver_webhook::run(ctx, claim).await,
        score_channel::KIND => score_channel::run(ctx, claim).await,
        // Nothing: for those who want to see that steps are claimed and ended.
        "pipeline.probe" => Outcome::Done,
        other => Outcome::GiveUp {
            error: StepError::new(
                "unknown_step",
                format!("No code runs steps of kind {other}."),
            ),
        },
    }
}

/// Full jitter: uniform between 0 and `min(cap, base · 2^(attempt - 1))`, so that workers never march in step.
#[must_use]
pub fn backoff(attempt: u32, random: f64) -> Duration {
    const BASE_SECONDS: f64 = 2.0;
    const CAP_SECONDS: f64 = 900.0;
    let exponent = i32::try_from(attempt.saturating_sub(1))
        .unwrap_or(i32::MAX)
        .min(30);
    let ceiling = (BASE_SECONDS * 2f64.powi(exponent)).min(CAP_SECONDS);
    Duration::from_secs_f64(ceiling * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn backoff_stays_within_its_bounds(attempt in 0u32..1000, random in 0.0f64..1.0) {
            let delay = backoff(attempt, random).as_secs_f64();
            let ceiling = (2.0 * 2f64.powi(attempt.saturating_sub(1).min(30) as i32)).min(900.0);
            prop_assert!((0.0..=ceiling).contains(&delay));
        }
    }
}
