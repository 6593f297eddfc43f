//! Synchronising a channel: the catalogue, its counters, and the past curves of its newest videos.
//!
//! The database says what comes next (`engine.begin_sync`) and remembers what is done with every batch, so that a pass
//! which was killed goes on where it stopped. This file fetches: pages of the uploads playlist follow one another, and
//! what else is needed is fetched beside them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::access::{self, AccessError, CallError, Session};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use clients::quota_day::QuotaDay;
use clients::youtube::analytics::{Basis, Curve, FORMATS_BATCH, Format};
use clients::youtube::read::{Counters, PAGE, UploadsPage, VideoResource};
use clients::youtube::{ErrorKind, YouTube};
use platform::db::{Db, DbError};
use platform::ids::ChannelId;
use platform::outbound;

/// Calls to YouTube side by side.
const CONCURRENCY: usize = 4;
/// Pages of the catalogue in one write: what a kill costs at most.
const PAGES_PER_WRITE: usize = 4;
/// Units of quota promised at once; what a kill leaves unsettled stays counted until the day ends.
const QUOTA_CHUNK: u32 = 40;
/// Begin nothing new this close to the end of a slice.
const SLICE_MARGIN: Duration = Duration::from_secs(4);
/// How much of a video's past is asked for: the last age at which the model looks, and some.
const CURVE_DAYS: i64 = 97;

/// Ages at which the model looks that whole days can show, in hours.
fn checkpoint_hours() -> impl Iterator<Item = f64> {
    let hours = scoring::MODEL.checkpoints_h.into_iter();
    hours.filter(|hours| *hours >= 24).map(f64::from)
}

/// Runs a slice of the channel's synchronisation.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let engine = ctx.engine();
    match slice(ctx, claim, &engine).await {
        Ok(outcome) => outcome,
        Err(error) => end(ctx, claim, error).await,
    }
}

/// Why a slice ended early.
#[derive(Debug, thiserror::Error)]
enum SyncError {
    #[error("the database could not be asked")]
    Db(#[from] DbError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("YouTube's daily allowance is used up")]
    Quota { resets_at: Timestamp },
    #[error("{message}")]
    Hopeless {
        code: &'static str,
        message: &'static str,
    },
}

impl From<AccessError> for SyncError {
    fn from(error: AccessError) -> Self {
        Self::Call(error.into())
    }
}

/// What the database wants done.
#[derive(Clone, Debug, Deserialize)]
struct Job {
    phase: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    page_token: Option<String>,
    #[serde(default)]
    youtube_channel_id: String,
    #[serde(default)]
    uploads_playlist_id: Option<String>,
    #[serde(default)]
    next_in_seconds: Option<u64>,
    #[serde(default)]
    reason: Option<String>,
}

/// A video that a phase has still to do.
#[derive(Clone, Debug, Deserialize)]
struct Todo {
    id: Uuid,
    youtube_video_id: String,
    published_at: Option<Timestamp>,
}

/// How a phase ended.
enum Phase {
    Complete,
    OutOfTime,
}

async fn slice(ctx: &StepCtx, claim: &Claim, engine: &Db) -> Result<Outcome, SyncError> {
    let step = Step { ctx, claim };
    let mut job: Job = step.call("begin_sync", json!({})).await?;
    if job.phase == "stopped" {
        tracing::info!(channel.id = %claim.subject_id, reason = job.reason, "nothing is synchronised");
        return Ok(Outcome::Done);
    }
    if job.phase == "idle" {
        return Ok(next_time(&job));
    }
    let (google, _) = access::google(ctx.config())?;
    let channel = ChannelId(claim.subject_id);
    let worker = Worker {
        ctx,
        step,
        session: Session::open(engine.clone(), ctx.config(), channel).await?,
        youtube: YouTube::new(outbound::transport().clone(), google),
        units: Meter::new(engine, "units"),
        stats: Meter::new(engine, "batch_get_stats"),
    };
    let outcome = worker.work(&mut job).await;
    let exhausted = matches!(&outcome, Err(SyncError::Call(CallError::YouTube(error)))
        if error.kind() == Some(ErrorKind::DailyQuota));
    let in_counters = job.phase == "counters";
    let resets_at = match (exhausted, in_counters) {
        (true, true) => worker.stats.exhausted().await,
        (true, false) => worker.units.exhausted().await,
        _ => None,
    };
    worker.units.settle().await;
    worker.stats.settle().await;
    if exhausted {
        let resets_at = resets_at.unwrap_or_else(|| QuotaDay::of(platform::clock::now()).end());
        return Err(SyncError::Quota { resets_at });
    }
    outcome
}

/// Up to date: the next look is when a video reaches an age of the model, or a refresh is due.
fn next_time(job: &Job) -> Outcome {
    Outcome::Continue {
        after: Duration::from_secs(job.next_in_seconds.unwrap_or(3600)),
        reason: "scheduled",
    }
}

/// Turns an early end into the step's outcome, and tells the user what it waits for.
async fn end(ctx: &StepCtx, claim: &Claim, error: SyncError) -> Outcome {
    let (outcome, told) = judge(&error, platform::clock::now());
    if let Some((reason, seconds)) = told {
        let step = Step { ctx, claim };
        let paused: Result<(), DbError> = step
            .call(
                "pause_sync",
                json!({"p_reason": reason, "p_retry_seconds": seconds}),
            )
            .await;
        if let Err(error) = paused {
            tracing::warn!(channel.id = %claim.subject_id, error = %error, "a pause could not be stored");
        }
    }
    outcome
}

type Told = Option<(&'static str, f64)>;

fn judge(error: &SyncError, now: Timestamp) -> (Outcome, Told) {
    let retry = |after: Option<Duration>, told| {
        let code = match error {
            SyncError::Call(CallError::YouTube(error)) => error.code().to_owned(),
            SyncError::Call(CallError::Access(error)) => error.code().to_owned(),
            _ => "database_unavailable".to_owned(),
        };
        (
            Outcome::Retry {
                after,
                error: StepError::new(code, error.to_string()),
            },
            told,
        )
    };
    let give_up = |code: &'static str, message: &str| {
        (
            Outcome::Discard {
                error: StepError::new(code, message),
            },
            None,
        )
    };
    match error {
        SyncError::Db(_) => retry(None, None),
        SyncError::Hopeless { code, message } => give_up(code, message),
        SyncError::Quota { resets_at } => {
            // A little after midnight, and not all channels at once.
            let wait = resets_at.duration_since(now).max(SignedDuration::ZERO);
            let after = wait.unsigned_abs() + Duration::from_secs(fastrand::u64(5..120));
            (
                Outcome::Snooze {
                    after,
                    reason: "quota_exhausted",
                },
                Some(("quota_exhausted", after.as_secs_f64())),
            )
        }
        SyncError::Call(CallError::Access(AccessError::Disconnected(_))) => {
            // The channel says so already; connecting it again starts a new step.
            (Outcome::Done, None)
        }
        SyncError::Call(CallError::Access(error)) => {
            (error.outcome(), Some(("google_unavailable", 60.0)))
        }
        SyncError::Call(CallError::YouTube(error)) => match error.kind() {
            Some(ErrorKind::ScopeMissing) => give_up(
                "permission_read_missing",
                "The granted permissions do not allow reading the channel.",
            ),
            Some(ErrorKind::NoChannel) => {
                give_up("no_channel", "The account has no channel any more.")
            }
            Some(ErrorKind::AccountBroken) => give_up(
                "account_broken",
                "YouTube says that the account is closed or suspended.",
            ),
            _ => {
                let after = error.retry_after();
                let seconds = after.map_or(60.0, |after| after.as_secs_f64());
                retry(after, Some(("youtube_unavailable", seconds)))
            }
        },
    }
}

/// The step's claim, which every write carries.
#[derive(Clone, Copy)]
struct Step<'a> {
    ctx: &'a StepCtx,
    claim: &'a Claim,
}

impl Step<'_> {
    async fn call<T: for<'de> Deserialize<'de>>(
        &self,
        function: &str,
        arguments: serde_json::Value,
    ) -> Result<T, DbError> {
        self.ctx.fenced(self.claim, function, arguments).await
    }
}

struct Worker<'a> {
    ctx: &'a StepCtx,
    step: Step<'a>,
    session: Session,
    youtube: YouTube,
    units: Meter<'a>,
    stats: Meter<'a>,
}

impl Worker<'_> {
    /// Phase after phase, until the pass or the slice is over.
    async fn work(&self, job: &mut Job) -> Result<Outcome, SyncError> {
        while job.phase != "idle" {
            let phase = match job.phase.as_str() {
                "identity" => {
                    *job = self.identity(job).await?;
                    continue;
                }
                "catalogue" => self.catalogue(job).await?,
                "verify" => self.verify().await?,
                "counters" => self.counters().await?,
                "formats" => self.unless_forbidden(self.formats().await)?,
                "curves" => self.unless_forbidden(self.curves().await)?,
                _ => {
                    return Err(SyncError::Hopeless {
                        code: "unknown_phase",
                        message: "The synchronisation is at a phase that this version does not know.",
                    });
                }
            };
            if matches!(phase, Phase::OutOfTime) {
                return Ok(Outcome::Continue {
                    after: Duration::ZERO,
                    reason: "more_to_sync",
                });
            }
            *job = self
                .step
                .call("advance_sync", json!({"p_phase": job.phase}))
                .await?;
        }
        Ok(next_time(job))
    }

    fn out_of_time(&self) -> bool {
        self.ctx.time_left() < SLICE_MARGIN
    }

    fn deadline(&self) -> std::time::Instant {
        // A call that began may end a little after the slice: the lease is three times as long.
        std::time::Instant::now() + self.ctx.time_left().max(Duration::from_secs(5)) + SLICE_MARGIN
    }

    /// Analytics may be refused for reasons of its own; the catalogue is worth having without it.
    fn unless_forbidden(&self, phase: Result<Phase, SyncError>) -> Result<Phase, SyncError> {
        match phase {
            Err(SyncError::Call(CallError::YouTube(error)))
                if matches!(
                    error.kind(),
                    Some(ErrorKind::ScopeMissing | ErrorKind::Forbidden | ErrorKind::Invalid)
                ) =>
            {
                tracing::warn!(channel.id = %self.step.claim.subject_id, code = error.code(), "Analytics is not available");
                Ok(Phase::Complete)
            }
            other => other,
        }
    }

    async fn identity(&self, job: &Job) -> Result<Job, SyncError> {
        self.units.take(1).await?;
        let channel = self
            .session
            .call(|token| {
                Box::pin(async move { self.youtube.my_channel(&token, self.deadline()).await })
            })
            .await?;
        let Some(channel) = channel else {
            return Err(SyncError::Hopeless {
                code: "no_channel",
                message: "The account has no channel any more.",
            });
        };
        if channel.id != job.youtube_channel_id {
            return Err(SyncError::Hopeless {
                code: "channel_mismatch",
                message: "The permission is now for another channel. Connect this one again.",
            });
        }
        let identity = json!({
            "title": channel.title, "handle": channel.handle, "thumbnail_url": channel.thumbnail_url,
            "uploads_playlist_id": channel.uploads_playlist_id, "subscriber_count": channel.subscriber_count,
        });
        Ok(self
            .step
            .call("save_identity", json!({"p_channel": identity}))
            .await?)
    }

    /// The uploads playlist, page after page, with the resources of each page fetched beside it.
    async fn catalogue(&self, job: &Job) -> Result<Phase, SyncError> {
        let Some(playlist) = &job.uploads_playlist_id else {
            return Ok(Phase::Complete);
        };
        let head_only = job.kind.as_deref() == Some("refresh");
        let mut filled = self.filled_pages(playlist, job.page_token.clone());
        let mut batch = Batch::default();
        let mut reached = job.page_token.clone();
        let mut complete = false;
        while let Some(page) = filled.next().await {
            let (page, videos) = match page {
                Ok(page) => page,
                Err(error) if is_kind(&error, ErrorKind::InvalidPageToken) => {
                    // The list has moved on since this page was named: read it from its start, nothing is stored twice.
                    self.save_videos(&Batch::default(), None).await?;
                    return Ok(Phase::OutOfTime);
                }
                Err(error) => {
                    self.save_videos(&batch, reached.as_deref()).await?;
                    return Err(error);
                }
            };
            complete = page.next.is_none();
            reached.clone_from(&page.next);
            batch.add(&page, videos);
            if batch.pages >= PAGES_PER_WRITE || complete || head_only {
                let new = self.save_videos(&batch, reached.as_deref()).await?;
                batch = Batch::default();
                if head_only && new == 0 {
                    return Ok(Phase::Complete);
                }
            }
        }
        if batch.pages > 0 {
            self.save_videos(&batch, reached.as_deref()).await?;
        }
        Ok(if complete {
            Phase::Complete
        } else {
            Phase::OutOfTime
        })
    }

    /// Pages in order, each with its resources; the next page is read while the resources of earlier ones are.
    fn filled_pages<'a>(
        &'a self,
        playlist: &'a str,
        first: Option<String>,
    ) -> BoxStream<'a, Result<(UploadsPage, Vec<VideoResource>), SyncError>> {
        let pages = stream::unfold(Some(first), move |page| -> BoxFuture<'a, Option<_>> {
            Box::pin(async move {
                let page = page?;
                if self.out_of_time() {
                    return None;
                }
                let listed = self.page(playlist, page.as_deref()).await;
                let next = listed.as_ref().ok().and_then(|page| page.next.clone());
                Some((listed, next.map(Some)))
            })
        });
        pages
            .map(move |page| -> BoxFuture<'a, Result<_, SyncError>> {
                Box::pin(async move {
                    let page = page?;
                    let ids: Vec<String> = page
                        .items
                        .iter()
                        .map(|item| item.video_id.clone())
                        .collect();
                    let videos = self.videos(&ids).await?;
                    Ok((page, videos))
                })
            })
            .buffered(CONCURRENCY)
            .boxed()
    }

    async fn page(&self, playlist: &str, page: Option<&str>) -> Result<UploadsPage, SyncError> {
        self.units.take(1).await?;
        Ok(self
            .session
            .call(|token| {
                Box::pin(async move {
                    self.youtube
                        .uploads(&token, playlist, page, self.deadline())
                        .await
                })
            })
            .await?)
    }

    async fn videos(&self, ids: &[String]) -> Result<Vec<VideoResource>, SyncError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.units.take(1).await?;
        Ok(self
            .session
            .call(|token| {
                Box::pin(async move { self.youtube.videos(&token, ids, self.deadline()).await })
            })
            .await?)
    }

    async fn save_videos(&self, batch: &Batch, page_token: Option<&str>) -> Result<i64, SyncError> {
        #[derive(Deserialize)]
        struct Saved {
            new: i64,
        }
        let videos: Vec<&VideoResource> = batch.videos.values().collect();
        let saved: Saved = self
            .step
            .call(
                "save_videos",
                json!({
                    "p_videos": videos, "p_gone": batch.gone, "p_page_token": page_token, "p_found": batch.found,
                }),
            )
            .await?;
        Ok(saved.new)
    }

    /// Videos that a whole pass did not meet: still there (an uploads playlist ends at some 20,000), or gone.
    async fn verify(&self) -> Result<Phase, SyncError> {
        loop {
            let todo = self.todo(200).await?;
            if todo.is_empty() {
                return Ok(Phase::Complete);
            }
            for part in todo.chunks(PAGE) {
                if self.out_of_time() {
                    return Ok(Phase::OutOfTime);
                }
                let ids: Vec<String> = part
                    .iter()
                    .map(|video| video.youtube_video_id.clone())
                    .collect();
                let mut batch = Batch::default();
                for mut video in self.videos(&ids).await? {
                    // Only the playlist knows when a video became public; what is stored stays.
                    video.published_at = None;
                    batch.videos.insert(video.id.clone(), video);
                }
                batch.gone = ids
                    .into_iter()
                    .filter(|id| !batch.videos.contains_key(id))
                    .collect();
                self.save_videos(&batch, None).await?;
            }
        }
    }

    async fn counters(&self) -> Result<Phase, SyncError> {
        loop {
            if self.out_of_time() {
                return Ok(Phase::OutOfTime);
            }
            let todo = self.todo(500).await?;
            if todo.is_empty() {
                return Ok(Phase::Complete);
            }
            let parts: Vec<Vec<String>> = ids_in(&todo, PAGE);
            let calls = parts.iter().map(|ids| self.counters_of(ids).boxed());
            let (answers, failure) = gather(calls.collect()).await;
            let asked: Vec<&String> = answers.iter().flat_map(|(ids, _)| *ids).collect();
            let read: BTreeMap<&str, &Counters> = answers
                .iter()
                .flat_map(|(_, counters)| counters)
                .map(|one| (one.id.as_str(), one))
                .collect();
            let read: Vec<&Counters> = read.into_values().collect();
            let () = self
                .step
                .call(
                    "save_counters",
                    json!({"p_asked": asked, "p_counters": read}),
                )
                .await?;
            failure.map_or(Ok(()), Err)?;
        }
    }

    async fn counters_of<'b>(
        &self,
        ids: &'b [String],
    ) -> Result<(&'b [String], Vec<Counters>), SyncError> {
        self.stats.take(1).await?;
        let counters = self
            .session
            .call(|token| {
                Box::pin(async move { self.youtube.counters(&token, ids, self.deadline()).await })
            })
            .await?;
        Ok((ids, counters))
    }

    async fn formats(&self) -> Result<Phase, SyncError> {
        if !self.session.features().await.analytics {
            return Ok(Phase::Complete);
        }
        let today = QuotaDay::of(platform::clock::now()).date();
        loop {
            if self.out_of_time() {
                return Ok(Phase::OutOfTime);
            }
            let todo = self.todo(8 * FORMATS_BATCH).await?;
            if todo.is_empty() {
                return Ok(Phase::Complete);
            }
            let parts: Vec<Vec<String>> = ids_in(&todo, FORMATS_BATCH);
            let calls = parts.iter().map(|ids| self.formats_of(ids, today).boxed());
            let (answers, failure) = gather(calls.collect()).await;
            let asked: Vec<&String> = answers.iter().flat_map(|(ids, _)| *ids).collect();
            let formats: BTreeMap<&String, &Format> =
                answers.iter().flat_map(|(_, formats)| formats).collect();
            let () = self
                .step
                .call(
                    "save_formats",
                    json!({"p_asked": asked, "p_formats": formats}),
                )
                .await?;
            failure.map_or(Ok(()), Err)?;
        }
    }

    async fn formats_of<'b>(
        &self,
        ids: &'b [String],
        today: Date,
    ) -> Result<(&'b [String], HashMap<String, Format>), SyncError> {
        let formats = self
            .session
            .call(|token| {
                Box::pin(async move {
                    self.youtube
                        .formats(&token, ids, today, self.deadline())
                        .await
                })
            })
            .await?;
        Ok((ids, formats))
    }

    /// Past daily curves of the newest videos, so that scores at the same age exist on the first day.
    async fn curves(&self) -> Result<Phase, SyncError> {
        if !self.session.features().await.analytics {
            return Ok(Phase::Complete);
        }
        let today = QuotaDay::of(platform::clock::now()).date();
        let mut reach: Option<Option<Date>> = None;
        loop {
            if self.out_of_time() {
                return Ok(Phase::OutOfTime);
            }
            let todo = self.todo(6 * CONCURRENCY).await?;
            if todo.is_empty() {
                return Ok(Phase::Complete);
            }
            let through = match reach {
                Some(known) => known,
                None => *reach.insert(self.data_through(today).await?),
            };
            let calls = todo
                .iter()
                .map(|video| self.curve_of(video, today, through).boxed());
            let (curves, failure) = gather(calls.collect()).await;
            let () = self
                .step
                .call(
                    "save_curves",
                    json!({"p_data_through": through, "p_curves": curves}),
                )
                .await?;
            failure.map_or(Ok(()), Err)?;
        }
    }

    async fn data_through(&self, today: Date) -> Result<Option<Date>, SyncError> {
        Ok(self
            .session
            .call(|token| {
                Box::pin(async move {
                    self.youtube
                        .data_through(&token, today, self.deadline())
                        .await
                })
            })
            .await?)
    }

    async fn curve_of(
        &self,
        video: &Todo,
        today: Date,
        through: Option<Date>,
    ) -> Result<SavedCurve, SyncError> {
        let published = video.published_at.unwrap_or_else(platform::clock::now);
        let since = QuotaDay::of(published).date();
        let until = since
            .saturating_add(jiff::Span::new().days(CURVE_DAYS))
            .min(today);
        let curve = self
            .session
            .call(|token| {
                Box::pin(async move {
                    self.youtube
                        .curve(
                            &token,
                            &video.youtube_video_id,
                            since,
                            until.max(since),
                            self.deadline(),
                        )
                        .await
                })
            })
            .await?;
        let through = through.map(|day| day.min(until));
        Ok(SavedCurve::new(
            video.id,
            points(&curve, published, through),
        ))
    }

    async fn todo(&self, limit: usize) -> Result<Vec<Todo>, SyncError> {
        Ok(self
            .step
            .call("sync_batch", json!({"p_limit": limit}))
            .await?)
    }
}

/// Makes calls side by side, in order, up to the first that fails.
async fn gather<T>(calls: Vec<BoxFuture<'_, Result<T, SyncError>>>) -> (Vec<T>, Option<SyncError>) {
    let mut answers = Vec::with_capacity(calls.len());
    let mut calls = stream::iter(calls).buffered(CONCURRENCY);
    while let Some(answer) = calls.next().await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => return (answers, Some(error)),
        }
    }
    (answers, None)
}

fn ids_in(todo: &[Todo], size: usize) -> Vec<Vec<String>> {
    todo.chunks(size)
        .map(|part| {
            part.iter()
                .map(|video| video.youtube_video_id.clone())
                .collect()
        })
        .collect()
}

fn is_kind(error: &SyncError, kind: ErrorKind) -> bool {
    matches!(error, SyncError::Call(CallError::YouTube(error)) if error.kind() == Some(kind))
}

/// Pages that are stored together.
#[derive(Debug, Default)]
struct Batch {
    pages: usize,
    found: Option<i64>,
    /// By id: a list that moves while it is read shows a video twice.
    videos: BTreeMap<String, VideoResource>,
    gone: Vec<String>,
}

impl Batch {
    fn add(&mut self, page: &UploadsPage, videos: Vec<VideoResource>) {
        self.pages += 1;
        self.found = page.total.or(self.found);
        let published: HashMap<&str, Option<Timestamp>> = page
            .items
            .iter()
            .map(|item| (item.video_id.as_str(), item.published_at))
            .collect();
        let asked: HashSet<&str> = published.keys().copied().collect();
        for mut video in videos {
            if !asked.contains(video.id.as_str()) {
                continue;
            }
            // The playlist tells when a video became public, the resource when it was uploaded.
            video.published_at = match published.get(video.id.as_str()).copied().flatten() {
                Some(at) => Some(at),
                None if video.privacy.as_deref() == Some("private") => None,
                None => video.published_at,
            };
            self.videos.insert(video.id.clone(), video);
        }
    }
}

/// A video's curve as it is stored.
#[derive(Debug, Serialize)]
struct SavedCurve {
    video_id: Uuid,
    average_view_percentage: Option<f64>,
    snapshots: Vec<Point>,
}

impl SavedCurve {
    fn new(video_id: Uuid, snapshots: Vec<Point>) -> Self {
        Self {
            video_id,
            average_view_percentage: snapshots
                .last()
                .and_then(|point| point.average_view_percentage),
            snapshots,
        }
    }
}

/// Cumulative counters at the end of a day in Los Angeles.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Point {
    basis: Basis,
    observed_at: Timestamp,
    views: i64,
    likes: i64,
    comments: i64,
    average_view_percentage: Option<f64>,
}

/// Sums a daily curve up, and keeps the days before and after each age at which the model looks, and the last one.
///
/// Days up to `through` that Analytics leaves out brought nothing; days behind it are unknown.
fn points(curve: &Curve, published: Timestamp, through: Option<Date>) -> Vec<Point> {
    let first = QuotaDay::of(published).date();
    let Some(last) = curve.days.last().map(|day| day.day).max(through) else {
        return Vec::new();
    };
    let by_day: HashMap<Date, _> = curve.days.iter().map(|day| (day.day, day)).collect();
    let (mut views, mut likes, mut comments, mut watched) = (0.0, 0.0, 0.0, 0.0);
    let mut watched_views = 0.0;
    let mut all: Vec<(f64, Point)> = Vec::new();
    for date in first.series(jiff::Span::new().days(1)) {
        if date > last || all.len() > 400 {
            break;
        }
        if let Some(day) = by_day.get(&date) {
            views += day.views;
            likes += day.likes;
            comments += day.comments;
            if let Some(percentage) = day.average_view_percentage {
                watched += percentage * day.views;
                watched_views += day.views;
            }
        }
        let observed_at = QuotaDay::on(date).end();
        let age_hours = observed_at.duration_since(published).as_secs_f64() / 3600.0;
        all.push((
            age_hours,
            Point {
                basis: curve.basis,
                observed_at,
                views: whole(views),
                likes: whole(likes),
                comments: whole(comments),
                average_view_percentage: (watched_views > 0.0).then(|| watched / watched_views),
            },
        ));
    }
    let count = all.len();
    let near = |index: usize| {
        let age = all[index].0;
        let before = index.checked_sub(1).map_or(0.0, |previous| all[previous].0);
        let after = all.get(index + 1).map_or(f64::INFINITY, |next| next.0);
        checkpoint_hours().any(|at| (before < at && at <= age) || (age <= at && at < after))
    };
    let kept: Vec<bool> = (0..count)
        .map(|index| near(index) || index + 1 == count)
        .collect();
    all.into_iter()
        .zip(kept)
        .filter_map(|((age, point), keep)| (keep && age > 0.0).then_some(point))
        .collect()
}

fn whole(sum: f64) -> i64 {
    sum.round().clamp(0.0, 9.0e15) as i64
}

/// One bucket of YouTube's daily quota: promised in pieces, settled with what was spent.
#[derive(Debug)]
struct Meter<'a> {
    engine: &'a Db,
    bucket: &'static str,
    held: Mutex<Option<Held>>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    reservation: Uuid,
    resets_at: Timestamp,
    granted: u32,
    spent: u32,
}

#[derive(Debug, Deserialize)]
struct Grant {
    granted: bool,
    reservation: Option<Uuid>,
    resets_at: Timestamp,
    #[serde(default)]
    remaining: i64,
}

impl<'a> Meter<'a> {
    fn new(engine: &'a Db, bucket: &'static str) -> Self {
        Self {
            engine,
            bucket,
            held: Mutex::new(None),
        }
    }

    /// Counts units about to be spent.
    async fn take(&self, units: u32) -> Result<(), SyncError> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_mut()
            && held.spent + units <= held.granted
        {
            held.spent += units;
            return Ok(());
        }
        if let Some(full) = held.take() {
            self.end(full, false).await;
        }
        let mut wanted = QUOTA_CHUNK.max(units);
        let mut grant = self.reserve(wanted).await?;
        if !grant.granted && grant.remaining >= i64::from(units) {
            wanted = units;
            grant = self.reserve(wanted).await?;
        }
        match (grant.granted, grant.reservation) {
            (true, Some(reservation)) => {
                *held = Some(Held {
                    reservation,
                    resets_at: grant.resets_at,
                    granted: wanted,
                    spent: units,
                });
                Ok(())
            }
            _ => Err(SyncError::Quota {
                resets_at: grant.resets_at,
            }),
        }
    }

    async fn reserve(&self, units: u32) -> Result<Grant, DbError> {
        self.engine
            .call(
                "reserve_quota",
                &json!({"p_bucket": self.bucket, "p_units": units}),
            )
            .await
    }

    /// YouTube says that the day is used up: nobody asks again before it ends.
    async fn exhausted(&self) -> Option<Timestamp> {
        let held = self.held.lock().await.take()?;
        self.end(held, true).await;
        Some(held.resets_at)
    }

    async fn settle(&self) {
        if let Some(held) = self.held.lock().await.take() {
            self.end(held, false).await;
        }
    }

    async fn end(&self, held: Held, exhausted: bool) {
        let settled: Result<bool, DbError> = self
            .engine
            .call(
                "settle_quota",
                &json!({"p_reservation": held.reservation, "p_spent": held.spent, "p_exhausted": exhausted}),
            )
            .await;
        if let Err(error) = settled {
            tracing::warn!(bucket = self.bucket, error = %error, "quota could not be settled; it stays counted");
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use clients::youtube::analytics::Day;
    use clients::youtube::read::Upload;
    use clients::youtube::{self, ApiError};

    fn day(day: Date, views: f64) -> Day {
        Day {
            day,
            views,
            likes: 1.0,
            comments: 0.0,
            average_view_percentage: Some(50.0),
        }
    }

    fn curve(days: Vec<Day>) -> Curve {
        Curve {
            basis: Basis::EngagedViews,
            days,
        }
    }

    #[test]
    fn a_curve_is_kept_around_each_age_of_the_model() {
        let published: Timestamp = "2026-06-01T19:00:00Z".parse().unwrap(); // 12:00 in Los Angeles
        let days = (0..60)
            .map(|offset| {
                day(
                    date(2026, 6, 1).saturating_add(jiff::Span::new().days(offset)),
                    10.0,
                )
            })
            .collect();
        let points = points(&curve(days), published, None);
        let ages: Vec<_> = points
            .iter()
            .map(|point| point.observed_at.duration_since(published).as_hours())
            .collect();
        // 24, 48 and 72 h, 7, 14 and 28 days, each between two day ends (12 h after noon, then every 24 h); then the last day.
        assert_eq!(ages, [12, 36, 60, 84, 156, 180, 324, 348, 660, 684, 1428]);
        assert_eq!(points[0].views, 10);
        assert_eq!(points.last().unwrap().views, 600);
        assert_eq!(points.last().unwrap().average_view_percentage, Some(50.0));
    }

    #[test]
    fn days_behind_the_processed_ones_are_unknown_and_days_before_them_brought_nothing() {
        let published: Timestamp = "2026-06-01T19:00:00Z".parse().unwrap();
        let sparse = curve(vec![day(date(2026, 6, 1), 5.0)]);
        assert_eq!(points(&sparse, published, None).len(), 1);
        let known = points(&sparse, published, Some(date(2026, 6, 3)));
        assert_eq!(
            known.iter().map(|point| point.views).collect::<Vec<_>>(),
            [5, 5, 5]
        );
        assert!(points(&curve(Vec::new()), published, None).is_empty());
    }

    fn video(id: &str, privacy: &str) -> VideoResource {
        VideoResource {
            id: id.into(),
            title: "t".into(),
            description: None,
            tags: Vec::new(),
            category_id: None,
            language: None,
            thumbnail_url: None,
            published_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            duration_seconds: None,
            privacy: Some(privacy.into()),
            upload_status: None,
            publish_at: None,
            broadcast: None,
            made_for_kids: None,
            contains_synthetic_media: None,
            views: None,
            likes: None,
            comments: None,
        }
    }

    #[test]
    fn a_private_video_was_never_published_and_a_video_listed_twice_counts_once() {
        let published: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let item = |id: &str, published_at| Upload {
            video_id: id.into(),
            published_at,
        };
        let page = UploadsPage {
            items: vec![
                item("a", Some(published)),
                item("b", None),
                item("c", None),
                item("a", Some(published)),
            ],
            next: None,
            total: Some(3),
        };
        let mut batch = Batch::default();
        batch.add(
            &page,
            vec![
                video("a", "public"),
                video("b", "private"),
                video("c", "unlisted"),
                video("x", "public"),
                video("a", "public"),
            ],
        );
        assert_eq!(batch.videos.len(), 3);
        assert_eq!(batch.videos["a"].published_at, Some(published));
        assert_eq!(batch.videos["b"].published_at, None);
        assert!(batch.videos["c"].published_at.is_some());
    }

    fn api(kind: ErrorKind, retry_after: Option<Duration>) -> SyncError {
        SyncError::Call(CallError::YouTube(youtube::Error::Api(ApiError {
            kind,
            status: 500,
            reason: "r".into(),
            metric: None,
            retry_after,
        })))
    }

    #[test]
    fn each_failure_ends_as_the_design_names_it() {
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
        let resets_at = now + SignedDuration::from_hours(12);
        let (outcome, told) = judge(&SyncError::Quota { resets_at }, now);
        assert!(
            matches!(outcome, Outcome::Snooze { after, reason: "quota_exhausted" } if after >= Duration::from_secs(43_200))
        );
        assert_eq!(told.unwrap().0, "quota_exhausted");

        let busy = api(ErrorKind::Unavailable, Some(Duration::from_secs(30)));
        let (outcome, told) = judge(&busy, now);
        assert!(
            matches!(outcome, Outcome::Retry { after: Some(after), .. } if after == Duration::from_secs(30))
        );
        assert_eq!(told, Some(("youtube_unavailable", 30.0)));
        assert!(matches!(
            judge(&api(ErrorKind::RateLimited, None), now).0,
            Outcome::Retry { after: None, .. }
        ));

        let revoked = SyncError::Call(CallError::Access(AccessError::Disconnected(
            crate::channels::Disconnection::GrantRevoked,
        )));
        assert!(matches!(judge(&revoked, now).0, Outcome::Done));
        for kind in [
            ErrorKind::ScopeMissing,
            ErrorKind::NoChannel,
            ErrorKind::AccountBroken,
        ] {
            assert!(matches!(
                judge(&api(kind, None), now).0,
                Outcome::Discard { .. }
            ));
        }
    }

    proptest! {
        #[test]
        fn points_rise_in_time_and_never_fall_below_zero(
            gains in prop::collection::vec((0_i64..120, 0.0_f64..1e6), 0..60), hour in 0_i64..48,
        ) {
            let start = date(2026, 1, 1);
            let published = "2026-01-01T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour);
            let mut days: Vec<Day> = gains.into_iter()
                .map(|(offset, views)| day(start.saturating_add(jiff::Span::new().days(offset)), views)).collect();
            days.sort_by_key(|day| day.day);
            days.dedup_by_key(|day| day.day);
            let points = points(&curve(days), published, None);
            prop_assert!(points.is_sorted_by(|a, b| a.observed_at < b.observed_at && a.views <= b.views));
            prop_assert!(points.iter().all(|point| point.views >= 0 && point.observed_at > published));
            prop_assert!(points.len() <= 2 * checkpoint_hours().count() + 1);
        }
    }
}
