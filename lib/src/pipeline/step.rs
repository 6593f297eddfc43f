//! A step as the code that runs it sees it: its claim, what it may use, and how it ends.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
    Continue {
        /// When to go on.
        after: Duration,
        /// What it goes on with, for operators.
        reason: &'static str,
    },
    /// Waiting for a quota, a provider or a time; not a failure, gives this attempt back.
    Snooze {
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
    Discard {
        /// Why.
        error: StepError,
    },
}

impl Outcome {
    /// Its name in the database and in the log.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Continue { .. } => "again",
            Self::Snooze { .. } => "wait",
            Self::Retry { .. } => "retry",
            Self::Discard { .. } => "give_up",
        }
    }

    /// Goes on at once, in another slice.
    pub(crate) const fn continue_now(reason: &'static str) -> Self {
        Self::Continue {
            after: Duration::ZERO,
            reason,
        }
    }

    /// Goes on after a while, without counting an attempt.
    pub(crate) const fn snooze(after: Duration, reason: &'static str) -> Self {
        Self::Snooze { after, reason }
    }

    /// Fails with a slug and a sentence, and tries again after the backoff.
    pub(crate) fn retry(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Retry {
            after: None,
            error: StepError::new(code, message),
        }
    }
}

impl From<&DbError> for Outcome {
    fn from(error: &DbError) -> Self {
        // The claim was taken over, or the step's subject was erased: nothing is left to do here.
        if error.is_refusal("stale_fence") || error.is_refusal("not_found") {
            Self::Done
        } else {
            Self::retry("database", error.to_string())
        }
    }
}

impl From<DbError> for Outcome {
    fn from(error: DbError) -> Self {
        Self::from(&error)
    }
}

/// What a step may use.
#[derive(Clone, Debug)]
pub struct StepCtx {
    config: &'static Config,
    slice_ends: Instant,
}

/// The code of every kind of step: it chooses by the claim's kind.
pub type RunStep = for<'a> fn(&'a StepCtx, &'a Claim) -> BoxFuture<'a, Outcome>;

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
    pub async fn fenced<T: DeserializeOwned>(
        &self,
        claim: &Claim,
        function: &str,
        mut arguments: Value,
    ) -> Result<T, DbError> {
        arguments["p_step"] = json!(claim.step_id);
        arguments["p_fence"] = json!(claim.fence);
        self.engine().call(function, &arguments).await
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
