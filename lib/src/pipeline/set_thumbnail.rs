//! `upload.thumbnail`: makes the render's picture the video's. Its failure is noted and never touches the upload.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Claim, Outcome, StepCtx, StepError};
use crate::channels::access;
use crate::publishing::ledger::{self, Bucket};
use crate::rendering;
use clients::quota_day::QuotaDay;
use clients::youtube::manage::MAX_THUMBNAIL;
use clients::youtube::{ErrorKind, YouTube};
use platform::clock;
use platform::ids::ChannelId;
use platform::outbound;

/// The step's kind.
pub const KIND: &str = "upload.thumbnail";

/// What `thumbnails.set` costs.
const UNITS: u32 = 50;
/// The channel's own limit of thumbnails passes after hours.
const CHANNEL_LIMIT: Duration = Duration::from_secs(6 * 3600);

#[derive(Deserialize)]
struct Wish {
    wanted: bool,
    channel_id: ChannelId,
    video: Option<String>,
    url: Option<String>,
}

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    match set(ctx, claim).await {
        Ok(()) => Outcome::Done,
        Err(outcome) => outcome,
    }
}

async fn set(ctx: &StepCtx, claim: &Claim) -> Result<(), Outcome> {
    let wish: Wish = call(ctx, claim, "open_thumbnail", json!({})).await?;
    let (true, Some(video)) = (wish.wanted, wish.video) else {
        return Ok(());
    };
    let Some(url) = wish.url else {
        return failed(ctx, claim, "no_picture", "The render has no picture.").await;
    };
    let fetcher = rendering::fetcher(ctx.config())
        .map_err(|error| retry("http_client", &error.to_string()))?;
    let image = match fetcher.check(&url) {
        Ok(url) => fetcher.image(&url, MAX_THUMBNAIL as u64).await,
        Err(error) => Err(error.into()),
    };
    let (image, media_type) = match image {
        Ok(image) => image,
        Err(error) if error.is_transient() => {
            return Err(retry("picture_unreadable", &error.to_string()));
        }
        Err(error) => return failed(ctx, claim, "picture_unreadable", &error.to_string()).await,
    };
    let Some(google) = &ctx.config().google else {
        return Err(retry(
            "not_configured",
            "Google's OAuth client is not configured.",
        ));
    };
    let youtube = YouTube::new(outbound::transport().clone(), google);
    let engine = ctx.engine();
    let mut refused = None;
    loop {
        let token = match access::token(&engine, ctx.config(), wish.channel_id, refused).await {
            Ok(token) => token,
            Err(access::AccessError::Disconnected(_)) => {
                return failed(
                    ctx,
                    claim,
                    "channel_disconnected",
                    "The channel is not connected.",
                )
                .await;
            }
            Err(error) => return Err(error.outcome()),
        };
        let reservation = match ledger::reserve(&engine, Bucket::Units, UNITS).await {
            Ok(Ok(reservation)) => reservation,
            Ok(Err(_)) => return Err(tomorrow()),
            Err(error) => return Err(retry("database", &error.to_string())),
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        let answer = youtube
            .set_thumbnail(&token.token, &video, image.clone(), &media_type, deadline)
            .await;
        let exhausted =
            matches!(&answer, Err(error) if error.kind() == Some(ErrorKind::DailyQuota));
        reservation
            .settle(&engine, UNITS, exhausted)
            .await
            .map_err(|error| retry("database", &error.to_string()))?;
        let Err(error) = answer else {
            let () = call(
                ctx,
                claim,
                "record_thumbnail",
                json!({ "p_thumbnail": "set", "p_error": null }),
            )
            .await?;
            return Ok(());
        };
        match error.kind() {
            Some(ErrorKind::Unauthorized) if refused.is_none() => refused = Some(token.version),
            Some(ErrorKind::DailyQuota) => return Err(tomorrow()),
            Some(ErrorKind::ThumbnailLimit) => {
                return Err(Outcome::Snooze {
                    after: CHANNEL_LIMIT,
                    reason: "thumbnail_limit",
                });
            }
            Some(ErrorKind::Forbidden) => {
                let message = "YouTube does not let this channel set thumbnails; verify its phone number first.";
                return failed(ctx, claim, error.code(), message).await;
            }
            _ if error.is_transient() => {
                let error_of_step =
                    StepError::new(error.code(), "YouTube did not take the picture.");
                return Err(Outcome::Retry {
                    after: error.retry_after(),
                    error: error_of_step,
                });
            }
            _ => {
                return failed(
                    ctx,
                    claim,
                    error.code(),
                    "YouTube did not take the picture.",
                )
                .await;
            }
        }
    }
}

fn tomorrow() -> Outcome {
    let now = clock::now();
    let left = Duration::try_from(QuotaDay::of(now).end().duration_since(now)).unwrap_or_default();
    Outcome::Snooze {
        after: left + Duration::from_secs(fastrand::u64(1..60)),
        reason: "quota_used_up",
    }
}

fn retry(code: &str, message: &str) -> Outcome {
    Outcome::Retry {
        after: None,
        error: StepError::new(code, message),
    }
}

async fn failed(ctx: &StepCtx, claim: &Claim, code: &str, message: &str) -> Result<(), Outcome> {
    let error = json!({ "code": code, "message": message, "at": clock::now() });
    call(
        ctx,
        claim,
        "record_thumbnail",
        json!({ "p_thumbnail": "failed", "p_error": error }),
    )
    .await
}

async fn call<T: serde::de::DeserializeOwned>(
    ctx: &StepCtx,
    claim: &Claim,
    function: &str,
    arguments: Value,
) -> Result<T, Outcome> {
    ctx.fenced(claim, function, arguments)
        .await
        .map_err(|error| {
            if error.is_refusal("stale_fence") || error.is_refusal("not_found") {
                Outcome::Done
            } else {
                retry("database", &error.to_string())
            }
        })
}
