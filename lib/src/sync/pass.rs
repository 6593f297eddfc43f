//! What every phase of a pass works with: the claim, the channel's session and the quota.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::failure::SyncError;
use super::job::{Pending, Phase, Progress};
use crate::channels::access::{self, CallError, Session};
use crate::pipeline::{Claim, StepCtx};
use crate::quota::{Bucket, Meter};
use clients::quota_day::QuotaDay;
use clients::youtube::read::VideoResource;
use clients::youtube::{self, AccessToken, YouTube};
use platform::clock;
use platform::db::{Db, DbError};
use platform::ids::ChannelId;
use platform::outbound;

/// Calls to YouTube side by side.
pub(super) const CONCURRENCY: usize = 4;
/// Begin nothing new this close to the end of a slice.
const SLICE_MARGIN: Duration = Duration::from_secs(4);

pub(super) struct Pass<'a> {
    ctx: &'a StepCtx,
    pub(super) claim: &'a Claim,
    pub(super) session: Session,
    pub(super) youtube: YouTube,
    pub(super) units: Meter<'a>,
    pub(super) stats: Meter<'a>,
}

/// What a phase does next.
pub(super) enum Next {
    Videos(Vec<Pending>),
    End(Progress),
}

impl<'a> Pass<'a> {
    pub(super) async fn open(
        ctx: &'a StepCtx,
        claim: &'a Claim,
        engine: &'a Db,
    ) -> Result<Self, CallError> {
        let (google, _) = access::google(ctx.config())?;
        let channel = ChannelId(claim.subject_id);
        Ok(Self {
            ctx,
            claim,
            session: Session::open(engine.clone(), ctx.config(), channel).await?,
            youtube: YouTube::new(outbound::transport().clone(), google),
            units: Meter::new(engine, Bucket::Units),
            stats: Meter::new(engine, Bucket::BatchGetStats),
        })
    }

    pub(super) fn out_of_time(&self) -> bool {
        self.ctx.time_left() < SLICE_MARGIN
    }

    /// A call that began may end a little after the slice: the lease is three times as long.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.ctx.time_left().max(Duration::from_secs(5)) + SLICE_MARGIN
    }

    /// Calls a function that writes under the claim.
    pub(super) async fn engine<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: Value,
    ) -> Result<T, DbError> {
        self.ctx.fenced(self.claim, function, arguments).await
    }

    /// Calls YouTube for one unit of a quota.
    pub(super) async fn metered<T, F>(
        &self,
        meter: &Meter<'_>,
        call: impl Fn(AccessToken) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, youtube::Error>>,
    {
        meter.take(1).await?;
        self.session.call(call).await
    }

    /// Full resources of at most 50 videos.
    pub(super) async fn videos(&self, ids: &[String]) -> Result<Vec<VideoResource>, CallError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.metered(&self.units, |token| async move {
            self.youtube.videos(&token, ids, self.deadline()).await
        })
        .await
    }

    /// The videos that the running phase has still to do, at most `limit`.
    pub(super) async fn next(&self, limit: usize) -> Result<Next, SyncError> {
        if self.out_of_time() {
            return Ok(Next::End(Progress::OutOfTime));
        }
        let pending: Vec<Pending> = self.engine("sync_batch", json!({"p_limit": limit})).await?;
        Ok(if pending.is_empty() {
            Next::End(Progress::Complete)
        } else {
            Next::Videos(pending)
        })
    }

    /// Settles the quota. Answers with the end of the quota day of `phase`. `exhausted`: YouTube said that the day's quota
    /// is used up.
    pub(super) async fn settle(&self, phase: Phase, exhausted: bool) -> Timestamp {
        let in_counters = phase == Phase::Counters;
        let units = self.units.settle(exhausted && !in_counters).await;
        let stats = self.stats.settle(exhausted && in_counters).await;
        let resets_at = if in_counters { stats } else { units };
        resets_at.unwrap_or_else(|| QuotaDay::of(clock::now()).end())
    }
}

/// Makes calls side by side. Answers in their order, up to the first that fails.
pub(super) async fn gather<T>(
    calls: Vec<BoxFuture<'_, Result<T, CallError>>>,
) -> (Vec<T>, Result<(), CallError>) {
    let mut answers = Vec::new();
    let mut calls = stream::iter(calls).buffered(CONCURRENCY);
    while let Some(answer) = calls.next().await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => return (answers, Err(error)),
        }
    }
    (answers, Ok(()))
}

pub(super) fn youtube_ids(videos: Vec<Pending>) -> Vec<String> {
    let id = |video: Pending| video.youtube_video_id;
    videos.into_iter().map(id).collect()
}
