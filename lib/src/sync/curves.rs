//! Past daily curves of the newest videos, so that scores at the same age exist on the first day.

use futures_util::FutureExt as _;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::curve_points::{Point, points};
use super::failure::SyncError;
use super::job::{Pending, Progress};
use super::pass::{CONCURRENCY, Next, Pass, gather};
use crate::channels::access::CallError;
use clients::quota_day::QuotaDay;
use platform::clock;

/// How much of a video's past is asked for: the last age at which the scoring model looks, and some.
const CURVE_DAYS: i64 = 97;

/// A video's curve as it is stored.
#[derive(Debug, Serialize)]
struct Curve {
    video_id: Uuid,
    average_view_percentage: Option<f64>,
    snapshots: Vec<Point>,
}

pub(super) async fn run(pass: &Pass<'_>) -> Result<Progress, SyncError> {
    if !pass.session.features().await.analytics {
        return Ok(Progress::Complete);
    }
    let today = QuotaDay::of(clock::now()).date();
    let mut known_through: Option<Option<Date>> = None;
    loop {
        let videos = match pass.next(6 * CONCURRENCY).await? {
            Next::Videos(videos) => videos,
            Next::End(progress) => return Ok(progress),
        };
        let through = match known_through {
            Some(known) => known,
            None => *known_through.insert(data_through(pass, today).await?),
        };
        let calls = videos
            .iter()
            .map(|video| curve(pass, video, today, through).boxed());
        let (curves, done) = gather(calls.collect()).await;
        let arguments = json!({"p_data_through": through, "p_curves": curves});
        let () = pass.engine("save_curves", arguments).await?;
        done?;
    }
}

/// The last day that Analytics has processed.
async fn data_through(pass: &Pass<'_>, today: Date) -> Result<Option<Date>, CallError> {
    let call = |token| async move {
        let deadline = pass.deadline();
        pass.youtube.data_through(&token, today, deadline).await
    };
    pass.session.call(call).await
}

async fn curve(
    pass: &Pass<'_>,
    video: &Pending,
    today: Date,
    through: Option<Date>,
) -> Result<Curve, CallError> {
    let published = video.published_at.unwrap_or_else(clock::now);
    let since = QuotaDay::of(published).date();
    let until = since
        .saturating_add(jiff::Span::new().days(CURVE_DAYS))
        .min(today);
    let call = |token| async move {
        let (id, deadline) = (&video.youtube_video_id, pass.deadline());
        pass.youtube
            .curve(&token, id, since, until.max(since), deadline)
            .await
    };
    let curve = pass.session.call(call).await?;
    let snapshots = points(&curve, published, through.map(|day| day.min(until)));
    Ok(Curve {
        video_id: video.id,
        average_view_percentage: snapshots
            .last()
            .and_then(|point| point.average_view_percentage),
        snapshots,
    })
}
