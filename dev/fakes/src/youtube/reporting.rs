//! The bulk Reporting API, as far as the reach reports (impressions and click rate) go.

use axum::response::Response;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use serde_json::{Value, json};

use super::analytics::views_on;
use super::authorize::Principal;
use super::errors::{invalid_argument, refused};
use super::metadata::{resource, text};
use super::respond::respond;
use super::store::{ReportJob, Youtube};
use crate::{Call, Failure, Head, World, after, hash, lock, pacific, pacific_day, rfc3339};
use crate::{short_id, text_response};

pub(crate) fn handle(
    world: &World,
    call: &Call,
    principal: &Principal,
) -> Result<Response, Failure> {
    let head = &call.head;
    let channel = principal.channel()?;
    let segments: Vec<&str> = head.path.trim_start_matches('/').split('/').collect();
    let body = match (head.method.as_str(), &segments[..]) {
        ("GET", ["v1", "reportTypes"]) => {
            json!({"reportTypes": [{"id": "channel_reach_basic_a1", "name": "Reach"}, {"id": "channel_reach_combined_a1", "name": "Reach combined"}]})
        }
        ("POST", ["v1", "jobs"]) => create_job(world, channel, &call.body)?,
        ("GET", ["v1", "jobs"]) => list_jobs(world, channel),
        ("DELETE", ["v1", "jobs", id]) => delete_job(world, channel, id)?,
        ("GET", ["v1", "jobs", id, "reports"]) => list_reports(world, head, channel, id)?,
        ("GET", ["v1", "media", id, day, _]) => return download(world, principal, id, day),
        _ => return Err(refused("notFound")),
    };
    respond(head, body)
}

/// A list under its name; an empty one is left out.
fn named(name: &str, list: Vec<Value>) -> Value {
    json!({name: (!list.is_empty()).then_some(list)})
}

fn create_job(world: &World, channel: &str, body: &[u8]) -> Result<Value, Failure> {
    let body = resource(body)?;
    let report_type = text(&body, "reportTypeId").filter(|id| id.starts_with("channel_reach_"));
    let (Some(report_type), Some(name)) = (report_type, text(&body, "name")) else {
        return Err(invalid_argument("Request contains an invalid argument."));
    };
    let mut youtube = lock(&world.youtube);
    let is_same = |job: &ReportJob| job.channel == channel && job.report_type == report_type;
    if youtube.jobs.iter().any(is_same) {
        return Err(refused("alreadyExists"));
    }
    let job = ReportJob {
        id: short_id(&["job", channel, report_type], 20),
        channel: channel.to_owned(),
        report_type: report_type.to_owned(),
        name: name.to_owned(),
        created_at: world.clock.now(),
    };
    let body = job.body();
    youtube.jobs.push(job);
    Ok(body)
}

fn list_jobs(world: &World, channel: &str) -> Value {
    let youtube = lock(&world.youtube);
    let jobs = youtube.jobs.iter().filter(|job| job.channel == channel);
    named("jobs", jobs.map(ReportJob::body).collect())
}

/// Where a channel's job of this id is in the list.
fn find_job(youtube: &Youtube, channel: &str, id: &str) -> Result<usize, Failure> {
    let mut jobs = youtube.jobs.iter();
    jobs.position(|job| job.channel == channel && job.id == id)
        .ok_or_else(|| refused("notFound"))
}

fn delete_job(world: &World, channel: &str, id: &str) -> Result<Value, Failure> {
    let mut youtube = lock(&world.youtube);
    let at = find_job(&youtube, channel, id)?;
    youtube.jobs.remove(at);
    Ok(json!({}))
}

fn list_reports(world: &World, head: &Head, channel: &str, id: &str) -> Result<Value, Failure> {
    let base = world.urls().youtube;
    let youtube = lock(&world.youtube);
    let job = &youtube.jobs[find_job(&youtube, channel, id)?];
    let after: Option<Timestamp> = head.number("createdAfter");
    let mut reports = reports(job, world.clock.now());
    reports.retain(|report| Some(report.created_at) > after);
    let bodies = reports.iter().map(|report| report.body(job, &base));
    Ok(named("reports", bodies.collect()))
}

/// The last day with figures: two days ago.
fn last_day(now: Timestamp) -> Date {
    pacific_day(now).saturating_sub(2.days())
}

/// The CSV of one day's reach.
fn download(
    world: &World,
    principal: &Principal,
    id: &str,
    day: &str,
) -> Result<Response, Failure> {
    let now = world.clock.now();
    let channel = principal.channel()?;
    let youtube = lock(&world.youtube);
    find_job(&youtube, channel, id)?;
    let day: Date = day.parse().map_err(|_| refused("notFound"))?;
    let date = day.strftime("%Y%m%d");
    let columns = "video_thumbnail_impressions,video_thumbnail_impressions_ctr";
    let mut csv = format!("date,channel_id,video_id,{columns}\n");
    let whole = if principal.settings.reach_ctr_in_percent {
        100.0
    } else {
        1.0
    };
    let found = youtube
        .channels
        .get(channel)
        .ok_or_else(|| refused("notFound"))?;
    for video in found.present_videos() {
        let views = views_on(video, day, last_day(now), now);
        let permille = 25 + hash(&["ctr", &video.id]) % 80;
        let (shown, share) = (views * 600 / permille, permille as f64 / 1000.0 * whole);
        if views > 0 {
            csv += &format!("{date},{channel},{},{shown},{share}\n", video.id);
        }
    }
    // Deleted items have no id.
    csv += &format!("{date},{channel},,12,0\n");
    Ok(text_response(200, "text/csv", csv))
}

struct Report {
    day: Date,
    version: u8,
    created_at: Timestamp,
}

/// When a day begins in California.
fn midnight(day: Date) -> Timestamp {
    day.to_zoned(pacific())
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

impl Report {
    fn body(&self, job: &ReportJob, base: &str) -> Value {
        let tomorrow = self.day.tomorrow().unwrap_or(self.day);
        json!({
            "id": short_id(&["report", &job.id, &self.day.to_string(), &self.version.to_string()], 12), "jobId": job.id,
            "startTime": rfc3339(midnight(self.day)), "endTime": rfc3339(midnight(tomorrow)), "createTime": rfc3339(self.created_at),
            "downloadUrl": format!("{base}/v1/media/{}/{}/{}", job.id, self.day, self.version),
        })
    }
}

/// What there is: nothing for 48 hours; then the thirty days before the job and every day since; one day twice.
fn reports(job: &ReportJob, now: Timestamp) -> Vec<Report> {
    if now.duration_since(job.created_at).as_hours() < 48 {
        return Vec::new();
    }
    let first = pacific_day(job.created_at).saturating_sub(30.days());
    let days = first
        .series(1.day())
        .take_while(|day| *day <= last_day(now));
    let mut list = Vec::new();
    for day in days {
        let created_at = after(
            midnight(day).max(job.created_at),
            SignedDuration::from_hours(48),
        );
        list.push(Report {
            day,
            version: 1,
            created_at,
        });
        if list.len() == 3 {
            let created_at = after(created_at, SignedDuration::from_hours(1));
            list.push(Report {
                day,
                version: 2,
                created_at,
            });
        }
    }
    list.retain(|report| report.created_at <= now);
    list
}
