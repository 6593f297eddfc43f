//! Answering `reports.query`.

use jiff::{ToSpan as _, civil::Date};
use serde_json::Value;

use super::metrics::{RETENTION, Row, table};
use super::report::Report;
use super::report_request::ReportRequest;
use crate::youtube::authorize::Principal;
use crate::youtube::errors::{invalid_argument, not_supported, refused};
use crate::youtube::store::{Channel, Youtube};
use crate::{Failure, Head, World, lock, pacific_day};

/// By what a list of videos may be sorted.
const VIDEO_SORTS: &str = "-views -estimatedMinutesWatched -subscribersGained -subscribersLost -engagedViews -likes -comments";

pub(crate) fn query(world: &World, head: &Head, principal: &Principal) -> Result<Value, Failure> {
    let own = principal.channel()?;
    check_channel(head, own)?;
    let request = ReportRequest::read(head)?;
    let youtube = lock(&world.youtube);
    let channel = youtube
        .channels
        .get(own)
        .ok_or_else(|| refused("youtubeSignupRequired"))?;
    check_videos(&youtube, channel, &request)?;
    let now = world.clock.now();
    let delay = principal.settings.analytics_delay_days.days();
    let last: Date = pacific_day(now).saturating_sub(delay);
    let report = Report::new(channel, &request, last, now);
    let is_retention = request.dimensions == ["elapsedVideoTimeRatio"];
    let mut rows = if is_retention {
        Vec::new()
    } else {
        rows(&report, &request)?
    };
    if request.metrics.contains(&RETENTION) != is_retention {
        return Err(not_supported());
    }
    if is_retention {
        let has_one_video = request
            .filters
            .videos
            .as_ref()
            .is_some_and(|ids| ids.len() == 1);
        if !has_one_video || request.metrics.len() > 1 {
            return Err(not_supported());
        }
        return Ok(table(
            &request.dimensions,
            &request.metrics,
            report.retention(),
        ));
    }
    sort(&mut rows, &request)?;
    let show = |(keys, sums): Row| {
        let cells = request.metrics.iter().map(|metric| sums.cell(metric));
        keys.into_iter().map(Value::String).chain(cells).collect()
    };
    let page = rows.into_iter().skip(request.first - 1);
    let page = page.take(request.limit.unwrap_or(usize::MAX)).map(show);
    Ok(table(&request.dimensions, &request.metrics, page.collect()))
}

/// Refuses other channels than the caller's own.
fn check_channel(head: &Head, own: &str) -> Result<(), Failure> {
    let ids = head
        .param("ids")
        .and_then(|ids| ids.strip_prefix("channel=="));
    match ids {
        Some(id) if id == "MINE" || id == own => Ok(()),
        Some(_) => Err(refused("forbidden")),
        None => Err(invalid_argument("Required parameter: ids")),
    }
}

/// Refuses videos of other channels.
fn check_videos(
    youtube: &Youtube,
    channel: &Channel,
    request: &ReportRequest<'_>,
) -> Result<(), Failure> {
    let mut owners = request
        .filters
        .videos
        .iter()
        .flatten()
        .filter_map(|id| youtube.video(id));
    match owners.any(|(other, _)| other.id != channel.id) {
        true => Err(refused("forbidden")),
        false => Ok(()),
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
            let may_sort = |key: &&str| VIDEO_SORTS.split(' ').any(|known| known == *key);
            let is_sorted = !request.sort.is_empty() && request.sort.iter().all(may_sort);
            let fits = |limit| limit <= 200 && request.first + limit <= 201;
            match is_sorted && request.limit.is_some_and(fits) {
                true => Ok(report.videos()),
                false => Err(not_supported()),
            }
        }
        (["day" | "month"], ..=2) => Ok(report.series()),
        _ => Err(not_supported()),
    }
}

/// Sorts by the keys of the request, the first one counting most; a minus before a key turns its order around.
fn sort(rows: &mut [Row], request: &ReportRequest<'_>) -> Result<(), Failure> {
    for key in request.sort.iter().rev() {
        let name = key.strip_prefix('-').unwrap_or(key);
        let is_descending = name != *key;
        if let Some(at) = request
            .dimensions
            .iter()
            .position(|dimension| *dimension == name)
        {
            rows.sort_by(|a, b| a.0[at].cmp(&b.0[at]));
            if is_descending {
                rows.reverse();
            }
        } else if request.metrics.contains(&name) {
            let sign = if is_descending { -1.0 } else { 1.0 };
            let number = |row: &Row| sign * row.1.cell(name).as_f64().unwrap_or(0.0);
            rows.sort_by(|a, b| number(a).total_cmp(&number(b)));
        } else {
            return Err(not_supported());
        }
    }
    Ok(())
}
