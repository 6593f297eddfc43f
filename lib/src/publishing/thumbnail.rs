//! `upload.thumbnail`: makes the render's picture the video's. Its failure is noted and never touches the upload.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::channels::access::{self, AccessError, CallError, Session};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use crate::quota::{self, Bucket, QuotaError};
use crate::rendering;
use clients::download::FetchError;
use clients::quota_day::QuotaDay;
use clients::youtube::manage::MAX_THUMBNAIL;
use clients::youtube::{Error as YouTubeError, ErrorKind, YouTube};
use platform::clock;
use platform::db::DbError;
use platform::ids::ChannelId;
use platform::outbound;

/// The step's kind.
pub(crate) const KIND: &str = "upload.thumbnail";

/// What `thumbnails.set` costs.
const UNITS: u32 = 50;
/// The channel's own limit of thumbnails passes after hours.
const CHANNEL_LIMIT: Duration = Duration::from_secs(6 * 3600);

#[derive(Deserialize)]
struct Work {
    wanted: bool,
    channel_id: ChannelId,
    video: Option<String>,
    url: Option<String>,
}

/// A picture and its media type.
type Picture = (Bytes, String);

/// Why the picture is not set: for good, or until the step runs again.
enum Failure {
    Permanent(StepError),
    Later(Outcome),
}

impl From<Outcome> for Failure {
    fn from(outcome: Outcome) -> Self {
        Self::Later(outcome)
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Later(error.into())
    }
}

/// Runs the step.
pub(crate) async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match set_if_wanted(ctx, claim).await {
        Ok(()) => Outcome::Done,
        Err(outcome) => outcome,
    }
}

async fn set_if_wanted(ctx: &StepCtx, claim: &Claim) -> Result<(), Outcome> {
    let work: Work = ctx.fenced(claim, "open_thumbnail", json!({})).await?;
    let (true, Some(video)) = (work.wanted, &work.video) else {
        return Ok(());
    };
    let arguments = match set(ctx, &work, video).await {
        Ok(()) => json!({ "p_thumbnail": "set", "p_error": null }),
        Err(Failure::Permanent(StepError { code, message })) => {
            let error = json!({ "code": code, "message": message, "at": clock::now() });
            json!({ "p_thumbnail": "failed", "p_error": error })
        }
        Err(Failure::Later(outcome)) => return Err(outcome),
    };
    Ok(ctx.fenced(claim, "record_thumbnail", arguments).await?)
}

async fn set(ctx: &StepCtx, work: &Work, video: &str) -> Result<(), Failure> {
    let (image, media_type) = &picture(ctx, work).await?;
    let (google, _) = access::google(ctx.config()).map_err(on_access_error)?;
    let youtube = &YouTube::new(outbound::transport().clone(), google);
    let engine = ctx.engine();
    let session = Session::open(engine.clone(), ctx.config(), work.channel_id)
        .await
        .map_err(on_access_error)?;
    let set = |token| {
        let call = async move {
            let deadline = Instant::now() + Duration::from_secs(30);
            youtube
                .set_thumbnail(&token, video, image.clone(), media_type, deadline)
                .await
        };
        quota::spend(&engine, Bucket::Units, UNITS, call)
    };
    let set = session.call::<_, CallError, _>(set).await;
    set.map_err(|error| match error {
        CallError::Access(error) => on_access_error(error),
        CallError::Quota(QuotaError::UsedUp { .. }) => tomorrow().into(),
        CallError::Quota(QuotaError::Db(error)) => error.into(),
        CallError::YouTube(error) => on_youtube_error(&error),
    })
}

async fn picture(ctx: &StepCtx, work: &Work) -> Result<Picture, Failure> {
    let Some(url) = &work.url else {
        return Err(permanent("no_picture", "The render has no picture."));
    };
    let fetcher = rendering::fetcher(ctx.config())
        .map_err(|error| Outcome::retry("http_client", error.to_string()))?;
    let picture = match fetcher.check(url) {
        Ok(url) => fetcher.image(&url, MAX_THUMBNAIL as u64).await,
        Err(error) => Err(FetchError::from(error)),
    };
    picture.map_err(|error| {
        if error.is_transient() {
            Outcome::retry("picture_unreadable", error.to_string()).into()
        } else {
            permanent("picture_unreadable", &error.to_string())
        }
    })
}

fn on_access_error(error: AccessError) -> Failure {
    match error {
        AccessError::Disconnected(_) => {
            permanent("channel_disconnected", "The channel is not connected.")
        }
        error => error.outcome().into(),
    }
}

fn on_youtube_error(error: &YouTubeError) -> Failure {
    match error.kind() {
        Some(ErrorKind::DailyQuota) => tomorrow().into(),
        Some(ErrorKind::ThumbnailLimit) => Failure::Later(Outcome::Snooze {
            after: CHANNEL_LIMIT,
            reason: "thumbnail_limit",
        }),
        Some(ErrorKind::Forbidden) => permanent(
            error.code(),
            "YouTube does not let this channel set thumbnails; verify its phone number first.",
        ),
        _ if error.is_transient() => Failure::Later(Outcome::Retry {
            after: error.retry_after(),
            error: StepError::new(error.code(), "YouTube did not take the picture."),
        }),
        _ => permanent(error.code(), "YouTube did not take the picture."),
    }
}

fn permanent(code: &str, message: &str) -> Failure {
    Failure::Permanent(StepError::new(code, message))
}

/// Waits for the next quota day, and a little longer, so that not all who wait go on at once.
fn tomorrow() -> Outcome {
    let now = clock::now();
    let left = Duration::try_from(QuotaDay::of(now).end().duration_since(now)).unwrap_or_default();
    Outcome::Snooze {
        after: left + Duration::from_secs(fastrand::u64(1..60)),
        reason: "quota_used_up",
    }
}
