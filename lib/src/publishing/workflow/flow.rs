//! One run of an upload's step: what it works with, and how it writes.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::work::{Change, Work};
use crate::channels::access::{self, AccessError, Session};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use crate::publishing::state::{Reason, UploadState as State};
use clients::youtube::YouTube;
use platform::{db::Db, outbound, sealing::KeyRing};

/// What is left of a slice when more work is begun in it.
pub(super) const WORTH_STARTING: Duration = Duration::from_secs(2);
/// An upload that could not begin before its time is still made this much later; then its owner decides.
pub(super) const LATE: SignedDuration = SignedDuration::from_hours(1);
/// One call, unless it sends a piece.
const CALL: Duration = Duration::from_secs(15);

/// What follows a piece of work: more of it, or the claim's end.
pub(super) type Next = Result<Work, Outcome>;

pub(super) struct Flow<'a> {
    pub(super) ctx: &'a StepCtx,
    claim: &'a Claim,
    pub(super) keys: &'static KeyRing,
    pub(super) engine: Db,
    pub(super) youtube: YouTube,
    /// The channel's access to YouTube, opened when it is first needed.
    pub(super) access: OnceCell<Session>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(ctx: &'a StepCtx, claim: &'a Claim) -> Result<Self, AccessError> {
        let (google, keys) = access::google(ctx.config())?;
        Ok(Self {
            ctx,
            claim,
            keys,
            engine: ctx.engine(),
            youtube: YouTube::new(outbound::transport().clone(), google),
            access: OnceCell::new(),
        })
    }

    /// Calls a function that holds the step.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: Value,
    ) -> Result<T, Outcome> {
        Ok(self.ctx.fenced(self.claim, function, arguments).await?)
    }

    /// Stores a change, if the upload is still where it was.
    pub(super) async fn store(&self, work: &Work, change: Change) -> Next {
        let arguments = json!({ "p_from": work.upload.state, "p_change": change });
        self.call("advance_upload", arguments).await
    }

    /// Stores a change and ends the run with what follows from it.
    pub(super) async fn store_then(
        &self,
        work: &Work,
        change: Change,
        outcome: impl FnOnce(&Work) -> Outcome,
    ) -> Outcome {
        match self.store(work, change).await {
            Ok(work) => outcome(&work),
            Err(outcome) => outcome,
        }
    }

    /// Stores a change and lets the upload go on by itself at an instant.
    pub(super) async fn wait_until(
        &self,
        work: &Work,
        until: Timestamp,
        change: Change,
        reason: &'static str,
    ) -> Outcome {
        let wait = |work: &Work| snooze_until(work, until, reason);
        self.store_then(work, change.until(until), wait).await
    }

    /// Ends the run in a state that this step does not leave, unless somebody else changed the upload first.
    pub(super) async fn end(&self, work: &Work, change: Change) -> Outcome {
        let wanted = change.state;
        self.store_then(work, change, |work| {
            if Some(work.upload.state) == wanted {
                Outcome::Done
            } else {
                Outcome::continue_now("upload_changed")
            }
        })
        .await
    }

    pub(super) async fn needs_attention(&self, work: &Work, reason: Reason) -> Outcome {
        self.end(work, Change::to(State::NeedsAttention, reason))
            .await
    }

    pub(super) async fn needs_attention_after(
        &self,
        work: &Work,
        reason: Reason,
        error: StepError,
    ) -> Outcome {
        let change = Change::to(State::NeedsAttention, reason).error(error);
        self.end(work, change).await
    }

    /// Ends an upload that its user cancelled; `change` is what that means besides.
    pub(super) async fn cancel(&self, work: &Work, reason: Reason, change: Change) -> Outcome {
        let change = Change {
            error: Some(None),
            state: Some(State::Cancelled),
            reason: Some(Some(reason)),
            ..change
        };
        self.end(work, change).await
    }
}

/// When a call that begins now has to be over.
pub(super) fn deadline() -> Instant {
    Instant::now() + CALL
}

pub(super) fn snooze(after: SignedDuration, reason: &'static str) -> Outcome {
    Outcome::snooze(Duration::try_from(after).unwrap_or_default(), reason)
}

/// Waits for an instant, and a little longer, not the same for all who wait for midnight.
pub(super) fn snooze_until(work: &Work, until: Timestamp, reason: &'static str) -> Outcome {
    let jitter = SignedDuration::from_secs(1 + fastrand::i64(0..10));
    let left = until.duration_since(work.now).max(SignedDuration::ZERO);
    snooze(left + jitter, reason)
}
