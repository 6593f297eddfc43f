//! Past daily curves of the newest videos, so that scores at the same age exist on the first day.

use std::collections::HashMap;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::failure::SyncError;
use super::pass::{CONCURRENCY, Next, Pass, Pending, Progress, gather};
use crate::channels::access::CallError;
use crate::pipeline::in_parts;
use clients::quota_day::QuotaDay;
use clients::youtube::analytics::{self, Basis};
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
        let _: Vec<()> = in_parts(curves.len(), |part| {
            let arguments = json!({"p_data_through": through, "p_curves": &curves[part]});
            pass.engine("save_curves", arguments)
        })
        .await?;
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

/// Most days of a curve that are read.
const MAX_DAYS: usize = 400;

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

/// Sums a daily curve up, and keeps the days before and after each age at which the scoring model looks, and the last one.
///
/// Days up to `through` that Analytics leaves out brought nothing; days behind it are unknown.
fn points(curve: &analytics::Curve, published: Timestamp, through: Option<Date>) -> Vec<Point> {
    let days = day_ends(curve, published, through);
    let age = |index: usize| days.get(index).map(|(age, _)| *age);
    let keep = |index: usize, at: f64| {
        let before = index.checked_sub(1).and_then(age).unwrap_or(0.0);
        let after = age(index + 1).unwrap_or(f64::INFINITY);
        let last = index + 1 == days.len();
        last || checkpoint_hours()
            .any(|hours| (before < hours && hours <= at) || (at <= hours && hours < after))
    };
    days.iter()
        .enumerate()
        .filter(|(index, (age, _))| *age > 0.0 && keep(*index, *age))
        .map(|(_, (_, point))| point.clone())
        .collect()
}

/// Every day's end, with the video's age in hours.
fn day_ends(
    curve: &analytics::Curve,
    published: Timestamp,
    through: Option<Date>,
) -> Vec<(f64, Point)> {
    let first = QuotaDay::of(published).date();
    let Some(last) = curve.days.last().map(|day| day.day).max(through) else {
        return Vec::new();
    };
    let by_day: HashMap<Date, _> = curve.days.iter().map(|day| (day.day, day)).collect();
    let (mut views, mut likes, mut comments) = (0.0, 0.0, 0.0);
    let (mut watched, mut watched_views) = (0.0, 0.0);
    first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .take(MAX_DAYS)
        .map(|date| {
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
            let point = Point {
                basis: curve.basis,
                observed_at,
                views: whole(views),
                likes: whole(likes),
                comments: whole(comments),
                average_view_percentage: (watched_views > 0.0).then(|| watched / watched_views),
            };
            (age_hours, point)
        })
        .collect()
}

/// Ages at which the scoring model looks that whole days can show.
fn checkpoint_hours() -> impl Iterator<Item = f64> {
    let hours = scoring::MODEL.checkpoints_h.into_iter();
    hours.filter(|hours| *hours >= 24).map(f64::from)
}

fn whole(sum: f64) -> i64 {
    sum.round().clamp(0.0, 9.0e15) as i64
}

#[cfg(test)]
mod tests;
