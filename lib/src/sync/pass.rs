//! A pass: what the database wants done, and what every phase works with: the claim, the channel's session and the quota.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::failure::SyncError;
use crate::channels::access::{self, CallError, Session};
use crate::pipeline::{Claim, Outcome, StepCtx};
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

/// A phase of a pass, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Identity,
    Catalogue,
    Verify,
    Counters,
    Formats,
    Curves,
    /// No pass is due.
    Idle,
    /// The channel is not to be synchronised.
    Stopped,
    #[serde(other)]
    Unknown,
}

/// What a pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PassKind {
    /// The whole catalogue.
    Full,
    /// Its newest videos and all counters.
    Refresh,
    /// The counters of videos that reached an age of the scoring model.
    Checkpoints,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Job {
    pub(super) phase: Phase,
    pub(super) kind: Option<PassKind>,
    /// The page of the catalogue to go on with.
    pub(super) page_token: Option<String>,
    #[serde(default)]
    pub(super) youtube_channel_id: String,
    pub(super) uploads_playlist_id: Option<String>,
    next_in_seconds: Option<u64>,
    /// Why it is stopped.
    pub(super) reason: Option<String>,
}

impl Job {
    /// When the next pass is due: a video reaches an age of the scoring model, or a refresh is.
    pub(super) fn next_pass(&self) -> Outcome {
        Outcome::Continue {
            after: Duration::from_secs(self.next_in_seconds.unwrap_or(3600)),
            reason: "scheduled",
        }
    }
}

/// A video that the phase has still to do.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pending {
    pub(super) id: Uuid,
    pub(super) youtube_video_id: String,
    pub(super) published_at: Option<Timestamp>,
}

/// How a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Complete,
    OutOfTime,
}

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
            units: Meter::new(engine, channel, Bucket::Units),
            stats: Meter::new(engine, channel, Bucket::BatchGetStats),
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
    /// is used up. Analytics has an allowance of its own: when that is spent, nothing of the Data API is closed.
    pub(super) async fn settle(&self, phase: Phase, exhausted: bool) -> Timestamp {
        let in_counters = phase == Phase::Counters;
        let in_analytics = matches!(phase, Phase::Formats | Phase::Curves);
        let units = exhausted && !in_counters && !in_analytics;
        let units = self.units.settle(units).await;
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
