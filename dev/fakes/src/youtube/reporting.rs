//! The bulk Reporting API, as far as the reach reports (impressions and click rate) go.

use axum::response::Response;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Actor, Failure, analytics, errors, manage, partial};
use crate::{
    clock::{pacific, pacific_day, rfc3339},
    server::{Call, lock, text_answer},
    world::{World, hash, short_id},
};

/// A reporting job of a channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    id: String,
    channel: String,
    report_type: String,
    name: String,
    created_at: Timestamp,
}

impl Job {
    fn body(&self) -> Value {
        json!({"id": self.id, "reportTypeId": self.report_type, "name": self.name, "createTime": rfc3339(self.created_at)})
    }
}

fn not_found() -> Failure {
    let mut failure = errors::failure(404, "global", "notFound", "Requested entity was not found.");
    failure.body["error"]["status"] = json!("NOT_FOUND");
    failure
}

pub(super) fn handle(world: &World, call: &Call, actor: &Actor) -> Result<Response, Failure> {
    let head = &call.head;
    let channel = actor.channel()?;
    let now = world.clock.now();
    let segments: Vec<&str> = head.path.trim_start_matches('/').split('/').collect();
    match (head.method.as_str(), &segments[..]) {
        ("GET", ["v1", "reportTypes"]) => {
            let types = json!([{"id": "channel_reach_basic_a1", "name": "Reach"}, {"id": "channel_reach_combined_a1", "name": "Reach combined"}]);
            Ok(partial::respond(head, json!({"reportTypes": types})))
        }
        ("POST", ["v1", "jobs"]) => {
            let body = manage::resource(&call.body)?;
            let text = |name: &str| body.get(name).and_then(Value::as_str);
            let report_type = text("reportTypeId").filter(|id| id.starts_with("channel_reach_"));
            let (Some(report_type), Some(name)) = (report_type, text("name")) else {
                return Err(errors::failure(
                    400,
                    "global",
                    "badRequest",
                    "Request contains an invalid argument.",
                ));
            };
            let mut youtube = lock(&world.youtube);
            if youtube
                .jobs
                .iter()
                .any(|job| job.channel == channel && job.report_type == report_type)
            {
                let mut failure = errors::failure(
                    409,
                    "global",
                    "alreadyExists",
                    "Requested entity already exists",
                );
                failure.body["error"]["status"] = json!("ALREADY_EXISTS");
                return Err(failure);
            }
            let job = Job {
                id: short_id(&["job", channel, report_type], 20),
                channel: channel.to_owned(),
                report_type: report_type.to_owned(),
                name: name.to_owned(),
                created_at: now,
            };
            youtube.jobs.push(job.clone());
            Ok(partial::respond(head, job.body()))
        }
        ("GET", ["v1", "jobs"]) => {
            let youtube = lock(&world.youtube);
            let jobs: Vec<Value> = youtube
                .jobs
                .iter()
                .filter(|job| job.channel == channel)
                .map(Job::body)
                .collect();
            Ok(partial::respond(
                head,
                if jobs.is_empty() {
                    json!({})
                } else {
                    json!({"jobs": jobs})
                },
            ))
        }
        ("DELETE", ["v1", "jobs", id]) => {
            let mut youtube = lock(&world.youtube);
            let before = youtube.jobs.len();
            youtube
                .jobs
                .retain(|job| !(job.channel == channel && job.id == *id));
            if youtube.jobs.len() == before {
                Err(not_found())
            } else {
                Ok(partial::respond(head, json!({})))
            }
        }
        ("GET", ["v1", "jobs", id, "reports"]) => {
            let base = world.urls().youtube;
            let youtube = lock(&world.youtube);
            let job = youtube
                .jobs
                .iter()
                .find(|job| job.channel == channel && job.id == *id)
                .ok_or_else(not_found)?;
            let after = head
                .param("createdAfter")
                .and_then(|at| at.parse::<Timestamp>().ok());
            let reports: Vec<Value> = reports(job, now)
                .into_iter()
                .filter(|report| after.is_none_or(|after| report.created_at > after))
                .map(|report| report.body(job, &base))
                .collect();
            Ok(partial::respond(
                head,
                if reports.is_empty() {
                    json!({})
                } else {
                    json!({"reports": reports})
                },
            ))
        }
        ("GET", ["v1", "media", id, day, _]) => {
            let youtube = lock(&world.youtube);
            let job = youtube
                .jobs
                .iter()
                .find(|job| job.channel == channel && job.id == *id)
                .ok_or_else(not_found)?;
            let day: Date = day.parse().map_err(|_| not_found())?;
            let owner = youtube.channels.get(&job.channel).ok_or_else(not_found)?;
            let last = pacific_day(now).checked_sub(2.days()).unwrap_or(Date::MIN);
            let mut text = "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n".to_owned();
            let date = day.strftime("%Y%m%d").to_string();
            for video in owner.videos.iter().filter(|video| !video.deleted) {
                let views = analytics::views_on(video, day, last, now);
                if views == 0 {
                    continue;
                }
                let permille = 25 + hash(&["ctr", &video.id]) % 80;
                let shown = views * 600 / permille;
                let share = permille as f64 / 1000.0;
                let share = if actor.settings.reach_ctr_in_percent {
                    share * 100.0
                } else {
                    share
                };
                text += &format!("{date},{channel},{},{shown},{share}\n", video.id);
            }
            // Deleted items have no id.
            text += &format!("{date},{channel},,12,0\n");
            Ok(text_answer(200, "text/csv", text))
        }
        _ => Err(not_found()),
    }
}

struct Report {
    day: Date,
    version: u8,
    created_at: Timestamp,
}

impl Report {
    fn body(&self, job: &Job, base: &str) -> Value {
        let at = |day: Date| {
            day.to_zoned(pacific())
                .map(|zoned| rfc3339(zoned.timestamp()))
                .unwrap_or_default()
        };
        json!({
            "id": short_id(&["report", &job.id, &self.day.to_string(), &self.version.to_string()], 12), "jobId": job.id,
            "startTime": at(self.day), "endTime": at(self.day.tomorrow().unwrap_or(self.day)), "createTime": rfc3339(self.created_at),
            "downloadUrl": format!("{base}/v1/media/{}/{}/{}", job.id, self.day, self.version),
        })
    }
}

/// What there is: nothing for 48 hours; then the thirty days before the job and every day since; one day twice.
fn reports(job: &Job, now: Timestamp) -> Vec<Report> {
    if now.duration_since(job.created_at).as_hours() < 48 {
        return Vec::new();
    }
    let mut day = pacific_day(job.created_at)
        .checked_sub(30.days())
        .unwrap_or(Date::MIN);
    let last = pacific_day(now).checked_sub(2.days()).unwrap_or(Date::MIN);
    let mut list = Vec::new();
    while day <= last {
        let ready = day
            .to_zoned(pacific())
            .map(|zoned| zoned.timestamp())
            .unwrap_or(now);
        let created_at = ready
            .max(job.created_at)
            .checked_add(SignedDuration::from_hours(48))
            .unwrap_or(now);
        list.push(Report {
            day,
            version: 1,
            created_at,
        });
        if list.len() == 3 {
            let again = created_at
                .checked_add(SignedDuration::from_hours(1))
                .unwrap_or(now);
            list.push(Report {
                day,
                version: 2,
                created_at: again,
            });
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    list.retain(|report| report.created_at <= now);
    list
}
