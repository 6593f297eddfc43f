//! The videos that there must be once: on the channels of a user, rendered, scheduled, and counted at the stand-in of YouTube.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use catalyst_cli::error::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sqlx::{PgPool, types::Json};
use stack::api_client::{self, Client, Progress};
use stack::{Addresses, controls};
use uuid::Uuid;

use crate::database::{RIG, rows, run, run_all, value};
use crate::patience::until;
use crate::stand_ins::{connect, lift_quota, list, turn, video_request};

pub(super) const PATIENCE: Duration = Duration::from_secs(240);
pub(super) const POLL_EVERY: Duration = Duration::from_millis(300);
/// Channels that the jobs are spread over.
const CHANNELS: usize = 4;
/// A file: three whole pieces and a rest.
const FILE_BYTES: u32 = 900_000;
/// What the channel with the catalogue is called.
const CATALOGUE: &str = "Drill";
/// Jobs that the backup knows, and jobs that are scheduled after it.
pub(super) const KNOWN: usize = 12;
const LATER: usize = 4;

/// One video that there must be once.
pub(super) struct Job {
    n: i32,
    pub(super) title: String,
    render: Uuid,
}

/// Signs a user up and connects a channel that has the catalogue, and channels for the jobs. The user, and the channels for
/// the jobs, once all are synchronised.
pub(super) async fn connect_channels(
    addresses: &Addresses,
    catalog: Option<&Path>,
) -> Result<(Client, Vec<Uuid>)> {
    lift_quota(&addresses.youtube, 1).await?;
    let renders = json!({"file_bytes": FILE_BYTES, "ready_after_real_ms": 500});
    turn(&addresses.revid, renders).await?;
    let user = Client::sign_up(addresses).await?;
    let catalogue = match catalog {
        Some(catalog) => json!({"title": CATALOGUE, "catalog": catalog}),
        None => json!({"title": CATALOGUE, "generated": {"videos": 240, "seed": 7}}),
    };
    connect(addresses, &user, "drill-0", catalogue).await?;
    let mut channels = Vec::new();
    for number in 1..=CHANNELS {
        let channel = json!({"title": format!("Channel {number}"), "rows": []});
        channels.push(connect(addresses, &user, &format!("drill-{number}"), channel).await?);
    }
    let are_synchronised = |listed: &Value| {
        let is_idle = |channel: &Value| channel["sync"]["state"] == "idle";
        match list(listed, "items").iter().all(is_idle) {
            true => Progress::Done,
            false => Progress::Pending(listed.to_string()),
        }
    };
    user.wait("/api/channels", PATIENCE, POLL_EVERY, are_synchronised)
        .await?;
    Ok((user, channels))
}

/// Has every job rendered.
pub(super) async fn render(database: &PgPool, channels: &[Uuid]) -> Result<Vec<Job>> {
    for sql in [RIG, include_str!("drill.sql")] {
        run_all(database, sql).await?;
    }
    let jobs = i32::try_from(KNOWN + LATER).unwrap_or(i32::MAX);
    let ask =
        "select drill.render((select user_id from public.channel_members limit 1), $1, $2, $3)";
    run(database, ask, (channels, jobs, Json(video_request()))).await?;
    let ready = "select not exists (select from public.renders where state <> 'ready')";
    let are_ready = async || value(database, ready, ()).await;
    until("every job is rendered", PATIENCE, POLL_EVERY, are_ready).await?;
    let made: Vec<(i32, Uuid)> = rows(
        database,
        "select n, render_id from drill.jobs order by n",
        (),
    )
    .await?;
    let job = |(n, render)| Job {
        n,
        title: format!("drill job {n:03}"),
        render,
    };
    Ok(made.into_iter().map(job).collect())
}

/// Schedules a job as its user does.
pub(super) async fn schedule(user: &Client, job: &Job) -> Result {
    let minutes = SignedDuration::from_mins(5 * i64::from(job.n));
    let at = Timestamp::now() + SignedDuration::from_hours(72) + minutes;
    let body = json!({
        "render_id": job.render, "title": job.title, "publish_at": format!("{at:.0}"), "made_for_kids": false, "altered_content": true,
        "thumbnail": true,
    });
    let upload = user.post("/api/schedule", body).await?;
    api_client::id(&upload).map(drop)
}

/// How many videos YouTube has for each of these jobs; those without one are left out.
pub(super) async fn created(youtube: &str, jobs: &[Job]) -> Result<BTreeMap<String, usize>> {
    let state = controls::state(youtube).await?;
    let mut count = BTreeMap::new();
    for video in list(&state, "videos_created") {
        if let Some(job) = jobs.iter().find(|job| video["title"] == job.title.as_str()) {
            *count.entry(job.title.clone()).or_default() += 1;
        }
    }
    Ok(count)
}
