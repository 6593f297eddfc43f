//! What there is to do: channels at the stand-ins, scripts, renders and uploads, and how far they have come.

use std::fmt;
use std::ops::RangeInclusive;

use catalyst_cli::error::{Error, Result};
use serde_json::json;
use sqlx::PgPool;
use stack::api_client::Client;
use stack::{Addresses, controls};

use crate::video_request::video_request;

/// One render's file: two whole pieces and a rest.
const FILE_BYTES: u32 = 600_000;

const SCHEMA: &str = include_str!("rig.sql");

/// The jobs of one run.
pub(super) struct Jobs {
    channels: usize,
}

/// How far they have come.
#[derive(sqlx::FromRow)]
pub(super) struct Progress {
    jobs: i64,
    rendered: i64,
    uploaded: i64,
    open: i64,
    steps: i64,
}

impl Progress {
    /// Whether every upload is where it shall be and nothing is under way.
    pub(super) fn is_over(&self) -> bool {
        self.uploaded == self.jobs && self.open == 0 && self.steps == 0
    }

    /// The part that is done.
    pub(super) fn share(&self) -> f64 {
        (self.rendered + self.uploaded) as f64 / (2 * self.jobs.max(1)) as f64
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rendered, {} on YouTube of {}",
            self.rendered, self.uploaded, self.jobs
        )
    }
}

impl Jobs {
    /// Connects channels as a user does, and makes the jobs as the operator.
    pub(super) async fn make(
        addresses: &Addresses,
        database: &PgPool,
        jobs: u32,
        lease: u32,
    ) -> Result<Self> {
        let channels = (jobs / 16).clamp(4, 24) as usize;
        let made = Self::prepare(addresses, database, channels, Some(1_000), lease).await?;
        // Answers take their time on the way back, so that kills find what was done outside and not yet written down.
        delay_answers(addresses).await?;
        made.add(database, 1..=jobs).await?;
        Ok(made)
    }

    /// Connects channels; the jobs follow by [`Jobs::add`]. Renders take this long, or as many polls as a real one, and then
    /// call nobody back.
    pub(super) async fn prepare(
        addresses: &Addresses,
        database: &PgPool,
        channels: usize,
        render_ms: Option<u32>,
        lease: u32,
    ) -> Result<Self> {
        set_up_stand_ins(addresses, render_ms).await?;
        connect_channels(addresses, channels).await?;
        let failed = || Error::database("cannot make the jobs");
        sqlx::raw_sql(SCHEMA)
            .execute(database)
            .await
            .map_err(failed())?;
        sqlx::query("select crash_rig.start($1, $2)")
            .bind(sqlx::types::Json(video_request()))
            .bind(f64::from(lease))
            .execute(database)
            .await
            .map_err(failed())?;
        Ok(Self { channels })
    }

    /// Makes the jobs of these numbers.
    pub(super) async fn add(&self, database: &PgPool, jobs: RangeInclusive<u32>) -> Result {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        sqlx::query("select crash_rig.add_jobs($1, $2)")
            .bind(number(*jobs.start()))
            .bind(number(*jobs.end()))
            .execute(database)
            .await
            .map(drop)
            .map_err(Error::database("cannot make the jobs"))
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) async fn progress(&self, database: &PgPool) -> Result<Progress> {
        sqlx::query_as("select * from crash_rig.progress")
            .fetch_one(database)
            .await
            .map_err(Error::database("cannot read the jobs"))
    }

    /// What a user does who reads that a render never reached the service and cost nothing: renders and schedules again.
    pub(super) async fn resubmit_lost(&self, database: &PgPool) -> Result {
        sqlx::query("select crash_rig.resubmit_lost()")
            .execute(database)
            .await
            .map(drop)
            .map_err(Error::database("cannot render a lost job again"))
    }
}

/// Has the stand-ins take their time to say what they have done.
async fn delay_answers(addresses: &Addresses) -> Result {
    let delay = |operation: &str, delay_ms: u32| json!({"operation": operation, "when": "after", "delay_ms": delay_ms, "times": 0});
    let uploads = json!([delay("upload.start", 60), delay("upload.chunk", 60)]);
    controls::set(&addresses.youtube, "faults", uploads).await?;
    controls::set(&addresses.revid, "faults", delay("render.submit", 80)).await
}

async fn set_up_stand_ins(addresses: &Addresses, render_ms: Option<u32>) -> Result {
    let plenty = 1_000_000_000;
    controls::set(
        &addresses.youtube,
        "knobs",
        json!({"quota_units": plenty, "quota_uploads": plenty, "processing_polls": 1}),
    )
    .await?;
    let (webhook, dialect) = match render_ms {
        Some(_) => ("normal", "observed"),
        None => ("never", "documented"),
    };
    controls::set(
        &addresses.revid,
        "knobs",
        json!({
            "file_bytes": FILE_BYTES, "ready_after_real_ms": render_ms, "webhook": webhook, "dialect": dialect,
        }),
    )
    .await
}

async fn connect_channels(addresses: &Addresses, channels: usize) -> Result {
    let user = Client::sign_up(addresses).await?;
    for number in 0..channels {
        let account = format!("crash-{number}");
        let channel = json!({"title": format!("Channel {number}"), "rows": []});
        controls::create_account(&addresses.google, &account, channel).await?;
        user.connect(&account).await?;
    }
    Ok(())
}
