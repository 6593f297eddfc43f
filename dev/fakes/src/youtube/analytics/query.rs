//! Answering `reports.query`.

use jiff::{ToSpan as _, civil::Date};
use serde_json::Value;

use super::{
    metrics::RETENTION,
    report::Report,
    report_request::ReportRequest,
    sort::sort,
    table::{self, Row},
};
use crate::{
    clock::pacific_day,
    failure::Failure,
    lock::lock,
    request::Head,
    world::World,
    youtube::{
        channel::Channel,
        errors::{self, invalid_argument, not_supported},
        principal::Principal,
        store::Youtube,
    },
};

/// By what a list of videos may be sorted.
const VIDEO_SORTS: [&str; 7] = [
    "-views",
    "-estimatedMinutesWatched",
    "-subscribersGained",
    "-subscribersLost",
    "-engagedViews",
    "-likes",
    "-comments",
];

pub(in crate::youtube) fn query(
    world: &World,
    head: &Head,
    principal: &Principal,
) -> Result<Value, Failure> {
    let own = principal.channel()?;
    check_channel(head, own)?;
    let request = ReportRequest::read(head)?;
    let youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .get(own)
        .ok_or_else(errors::signup_required)?;
    check_videos(&youtube, channel, &request)?;
    let now = world.clock.now();
    let delay = principal.settings.analytics_delay_days.days();
    let last: Date = pacific_day(now).saturating_sub(delay);
    let report = Report::new(channel, &request, last, now);
    if request.dimensions == ["elapsedVideoTimeRatio"] {
        let one_video = request
            .filters
            .videos
            .as_ref()
            .is_some_and(|ids| ids.len() == 1);
        if !one_video || request.metrics != [RETENTION] {
            return Err(not_supported());
        }
        return Ok(table::body(
            &request.dimensions,
            &request.metrics,
            report.retention(),
        ));
    }
    let mut rows = rows(&report, &request)?;
    if request.metrics.contains(&RETENTION) {
        return Err(not_supported());
    }
    sort(&mut rows, &request)?;
    let show = |(keys, sums): Row| {
        let cells = request.metrics.iter().map(|metric| sums.cell(metric));
        keys.into_iter().map(Value::String).chain(cells).collect()
    };
    let page = rows.into_iter().skip(request.first - 1);
    let page = page
        .take(request.limit.unwrap_or(usize::MAX))
        .map(show)
        .collect();
    Ok(table::body(&request.dimensions, &request.metrics, page))
}

/// Refuses other channels than the caller's own.
fn check_channel(head: &Head, own: &str) -> Result<(), Failure> {
    match head
        .param("ids")
        .and_then(|ids| ids.strip_prefix("channel=="))
    {
        Some(id) if id == "MINE" || id == own => Ok(()),
        Some(_) => Err(errors::forbidden()),
        None => Err(invalid_argument("Required parameter: ids")),
    }
}

/// Refuses videos of other channels.
fn check_videos(
    youtube: &Youtube,
    channel: &Channel,
    request: &ReportRequest<'_>,
) -> Result<(), Failure> {
    let mut ids = request.filters.videos.iter().flatten();
    let is_foreign = |id: &&str| {
        youtube
            .video(id)
            .is_some_and(|(other, _)| other.id != channel.id)
    };
    if ids.any(is_foreign) {
        Err(errors::forbidden())
    } else {
        Ok(())
    }
}

fn rows(report: &Report<'_>, request: &ReportRequest<'_>) -> Result<Vec<Row>, Failure> {
    let mut dimensions = request.dimensions.clone();
    // The content type may go with one other dimension.
    dimensions.retain(|dimension| *dimension != "creatorContentType");
    match (&dimensions[..], request.dimensions.len()) {
        ([], 0) => Ok(report.totals()),
        ([], 1) => Ok(report.content_types()),
        (["video"], ..=2) => {
            let is_sorted = !request.sort.is_empty()
                && request.sort.iter().all(|key| VIDEO_SORTS.contains(key));
            let is_short = request
                .limit
                .is_some_and(|limit| limit <= 200 && request.first + limit <= 201);
            if is_sorted && is_short {
                Ok(report.videos())
            } else {
                Err(not_supported())
            }
        }
        (["day" | "month"], ..=2) => Ok(report.series()),
        _ => Err(not_supported()),
    }
}
