//! The videos that there must be once: rendered, scheduled, and counted at the stand-in of YouTube.

use std::collections::BTreeMap;

use catalyst_cli::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::api_client::{self, Client};
use stack::controls;
use uuid::Uuid;

use super::database::wait;
use crate::video_request::video_request;

const SCHEMA: &str = include_str!("drill.sql");
/// Jobs that the backup knows, and jobs that are scheduled after it.
pub(super) const KNOWN: usize = 12;
const LATER: usize = 4;

/// One video that there must be once.
pub(super) struct Job {
    n: i32,
    pub(super) title: String,
    render: Uuid,
}

/// Has every job rendered.
pub(super) async fn render(database: &PgPool, channels: &[Uuid]) -> Result<Vec<Job>> {
    let failed = || Error::database("cannot make the jobs");
    sqlx::raw_sql(SCHEMA)
        .execute(database)
        .await
        .map_err(failed())?;
    sqlx::query(
        "select drill.render((select user_id from public.channel_members limit 1), $1, $2, $3)",
    )
    .bind(channels)
    .bind(i32::try_from(KNOWN + LATER).unwrap_or(i32::MAX))
    .bind(sqlx::types::Json(video_request()))
    .execute(database)
    .await
    .map_err(failed())?;
    let ready = "select count(*) from public.renders where state = 'ready'";
    wait(database, "every job is rendered", ready, KNOWN + LATER).await?;
    let found: Vec<(i32, Uuid)> = sqlx::query_as("select n, render_id from drill.jobs order by n")
        .fetch_all(database)
        .await
        .map_err(failed())?;
    let job = |(n, render)| Job {
        n,
        title: format!("drill job {n:03}"),
        render,
    };
    Ok(found.into_iter().map(job).collect())
}

/// Schedules a job as its user does.
pub(super) async fn schedule(user: &Client, job: &Job) -> Result {
    let minutes = SignedDuration::from_mins(5 * i64::from(job.n));
    let at = Timestamp::now() + SignedDuration::from_hours(72) + minutes;
    let body = json!({
        "render_id": job.render, "title": job.title, "publish_at": format!("{at:.0}"), "made_for_kids": false, "altered_content": true,
    });
    let upload = user.post("/api/schedule", body).await?;
    api_client::id(&upload).map(drop)
}

/// How many videos YouTube has for each of these jobs; those without one are left out.
pub(super) async fn created(youtube: &str, jobs: &[Job]) -> Result<BTreeMap<String, usize>> {
    let state: Value = controls::state(youtube).await?;
    let mut count = BTreeMap::new();
    for video in state["videos_created"].as_array().into_iter().flatten() {
        if let Some(job) = jobs.iter().find(|job| video["title"] == job.title.as_str()) {
            *count.entry(job.title.clone()).or_default() += 1;
        }
    }
    Ok(count)
}
