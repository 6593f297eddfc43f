//! `upload.thumbnail`: makes the render's picture the video's. Its failure is noted and never touches the upload.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::channels::access::{self, AccessError, CallError, Session};
use crate::pipeline::{Claim, Outcome, StepCtx, StepError};
use crate::quota::{self, Bucket, Purpose, QuotaError, Spender};
use crate::rendering;
use clients::youtube::{Error as YouTubeError, ErrorKind, YouTube};
use clients::{download::FetchError, quota_day::QuotaDay, youtube::manage::MAX_THUMBNAIL};
use platform::{clock, ids::ChannelId, outbound};

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

/// Why the picture is not set.
enum Failure {
    /// However often the step runs.
    ForGood(StepError),
    /// A later run may go better.
    Later(Outcome),
}

impl Failure {
    fn for_good(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::ForGood(StepError::new(code, message))
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
        Err(Failure::ForGood(StepError { code, message })) => {
            let error = json!({ "code": code, "message": message, "at": clock::now() });
            json!({ "p_thumbnail": "failed", "p_error": error })
        }
        Err(Failure::Later(outcome)) => return Err(outcome),
    };
    Ok(ctx.fenced(claim, "record_thumbnail", arguments).await?)
}

async fn set(ctx: &StepCtx, work: &Work, video: &str) -> Result<(), Failure> {
    let (image, media_type) = &picture(ctx, work).await?;
    let (google, _) =
        access::google(ctx.config()).map_err(|error| Failure::Later(error.outcome()))?;
    let youtube = &YouTube::new(outbound::transport().clone(), google);
    let engine = ctx.engine();
    let set = |token| {
        let call = async move {
            let deadline = Instant::now() + Duration::from_secs(30);
            youtube
                .set_thumbnail(&token, video, image.clone(), media_type, deadline)
                .await
        };
        let (channel, purpose) = (work.channel_id, Purpose::Ordinary);
        let spender = Spender {
            engine: &engine,
            channel,
            purpose,
        };
        quota::spend(spender, Bucket::Units, UNITS, call)
    };
    let set = match Session::open(engine.clone(), ctx.config(), work.channel_id).await {
        Ok(session) => session.call::<_, CallError, _>(set).await,
        Err(error) => Err(error.into()),
    };
    set.map_err(on_call_error)
}

/// The render's picture and its media type.
async fn picture(ctx: &StepCtx, work: &Work) -> Result<(Bytes, String), Failure> {
    let Some(url) = &work.url else {
        return Err(Failure::for_good(
            "no_picture",
            "The render has no picture.",
        ));
    };
    let fetcher = rendering::fetcher(ctx.config())
        .map_err(|error| Failure::Later(Outcome::retry("http_client", error.to_string())))?;
    let picture = match fetcher.check(url) {
        Ok(url) => fetcher.image(&url, MAX_THUMBNAIL as u64).await,
        Err(error) => Err(FetchError::from(error)),
    };
    picture.map_err(|error| {
        let (code, message) = ("picture_unreadable", error.to_string());
        if error.is_transient() {
            return Failure::Later(Outcome::retry(code, message));
        }
        Failure::for_good(code, message)
    })
}

fn on_call_error(error: CallError) -> Failure {
    match error {
        CallError::Access(AccessError::Disconnected(_)) => {
            Failure::for_good("channel_disconnected", "The channel is not connected.")
        }
        CallError::Access(error) => Failure::Later(error.outcome()),
        CallError::Quota(QuotaError::UsedUp { .. }) => Failure::Later(tomorrow()),
        CallError::Quota(QuotaError::Db(error)) => Failure::Later(error.into()),
        CallError::YouTube(error) => on_youtube_error(&error),
    }
}

fn on_youtube_error(error: &YouTubeError) -> Failure {
    let refused = StepError::new(error.code(), "YouTube did not take the picture.");
    match error.kind() {
        Some(ErrorKind::DailyQuota) => Failure::Later(tomorrow()),
        Some(ErrorKind::ThumbnailLimit) => {
            Failure::Later(Outcome::snooze(CHANNEL_LIMIT, "thumbnail_limit"))
        }
        Some(ErrorKind::Forbidden) => {
            let message =
                "YouTube does not let this channel set thumbnails; verify its phone number first.";
            Failure::for_good(error.code(), message)
        }
        _ if error.is_transient() => Failure::Later(Outcome::Retry {
            after: error.retry_after(),
            error: refused,
        }),
        _ => Failure::ForGood(refused),
    }
}

/// Waits for the next quota day, and a little longer, so that not all who wait go on at once.
fn tomorrow() -> Outcome {
    let now = clock::now();
    let left = Duration::try_from(QuotaDay::of(now).end().duration_since(now)).unwrap_or_default();
    Outcome::snooze(
        left + Duration::from_secs(fastrand::u64(1..60)),
        "quota_used_up",
    )
}
