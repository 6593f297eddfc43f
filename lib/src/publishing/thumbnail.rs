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
    let arguments = match set(ctx, &work, video).await? {
        Ok(()) => json!({ "p_thumbnail": "set", "p_error": null }),
        Err(StepError { code, message }) => {
            let error = json!({ "code": code, "message": message, "at": clock::now() });
            json!({ "p_thumbnail": "failed", "p_error": error })
        }
    };
    Ok(ctx.fenced(claim, "record_thumbnail", arguments).await?)
}

/// Sets the picture. The inner error says why it cannot be set, however often the step runs.
async fn set(ctx: &StepCtx, work: &Work, video: &str) -> Result<Result<(), StepError>, Outcome> {
    let (image, media_type) = match picture(ctx, work).await? {
        Ok(picture) => picture,
        Err(error) => return Ok(Err(error)),
    };
    let (image, media_type) = (&image, &media_type);
    let (google, _) = access::google(ctx.config()).map_err(|error| error.outcome())?;
    let youtube = &YouTube::new(outbound::transport().clone(), google);
    let engine = ctx.engine();
    let set = |token| {
        let call = async move {
            let deadline = Instant::now() + Duration::from_secs(30);
            youtube
                .set_thumbnail(&token, video, image.clone(), media_type, deadline)
                .await
        };
        quota::spend(&engine, Bucket::Units, UNITS, call)
    };
    let set = match Session::open(engine.clone(), ctx.config(), work.channel_id).await {
        Ok(session) => session.call::<_, CallError, _>(set).await,
        Err(error) => Err(error.into()),
    };
    match set {
        Ok(()) => Ok(Ok(())),
        Err(error) => on_call_error(error).map(Err),
    }
}

async fn picture(ctx: &StepCtx, work: &Work) -> Result<Result<Picture, StepError>, Outcome> {
    let Some(url) = &work.url else {
        return Ok(Err(StepError::new(
            "no_picture",
            "The render has no picture.",
        )));
    };
    let fetcher = rendering::fetcher(ctx.config())
        .map_err(|error| Outcome::retry("http_client", error.to_string()))?;
    let picture = match fetcher.check(url) {
        Ok(url) => fetcher.image(&url, MAX_THUMBNAIL as u64).await,
        Err(error) => Err(FetchError::from(error)),
    };
    match picture {
        Err(error) if error.is_transient() => {
            Err(Outcome::retry("picture_unreadable", error.to_string()))
        }
        picture => {
            Ok(picture.map_err(|error| StepError::new("picture_unreadable", error.to_string())))
        }
    }
}

/// The error for good, or how the run ends that may go better later.
fn on_call_error(error: CallError) -> Result<StepError, Outcome> {
    match error {
        CallError::Access(AccessError::Disconnected(_)) => Ok(StepError::new(
            "channel_disconnected",
            "The channel is not connected.",
        )),
        CallError::Access(error) => Err(error.outcome()),
        CallError::Quota(QuotaError::UsedUp { .. }) => Err(tomorrow()),
        CallError::Quota(QuotaError::Db(error)) => Err(error.into()),
        CallError::YouTube(error) => on_youtube_error(&error),
    }
}

fn on_youtube_error(error: &YouTubeError) -> Result<StepError, Outcome> {
    let refused = StepError::new(error.code(), "YouTube did not take the picture.");
    match error.kind() {
        Some(ErrorKind::DailyQuota) => Err(tomorrow()),
        Some(ErrorKind::ThumbnailLimit) => Err(Outcome::Snooze {
            after: CHANNEL_LIMIT,
            reason: "thumbnail_limit",
        }),
        Some(ErrorKind::Forbidden) => Ok(StepError::new(
            error.code(),
            "YouTube does not let this channel set thumbnails; verify its phone number first.",
        )),
        _ if error.is_transient() => Err(Outcome::Retry {
            after: error.retry_after(),
            error: refused,
        }),
        _ => Ok(refused),
    }
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
