//! What there is to do: channels at the stand-ins, scripts, renders and uploads, and how far they have come.

use std::fmt;
use std::ops::RangeInclusive;

use catalyst_cli::error::{Error, Result};
use serde_json::json;
use sqlx::{PgPool, Row};
use stack::Stack;
use stack::demo::client::{Addresses, Client, control};
use stack::demo::{self, DemoError};

use crate::rig;

/// One render's file: two whole pieces and a rest.
const FILE_BYTES: u32 = 600_000;

const SCHEMA: &str = include_str!("rig.sql");

/// The jobs of one run.
pub(super) struct Jobs {
    channels: usize,
}

/// How far they have come.
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
        stack: &Stack,
        database: &PgPool,
        jobs: u32,
        lease: u32,
    ) -> Result<Self> {
        let channels = (jobs / 16).clamp(4, 24) as usize;
        // Answers take their time on the way back, so that kills find what was done outside and not yet written down.
        let made = Self::prepare(
            &demo::addresses(stack),
            database,
            channels,
            Some(1_000),
            lease,
        )
        .await?;
        slow_down(&demo::addresses(stack))
            .await
            .map_err(|error| Error::setup(error.to_string(), "see the logs under crash/logs"))?;
        made.add(database, 1..=jobs).await?;
        Ok(made)
    }

    /// Connects channels; the jobs follow by [`Jobs::add`]. Renders take this long, or as many looks as a real one, and then
    /// call nobody back.
    pub(super) async fn prepare(
        addresses: &Addresses,
        database: &PgPool,
        channels: usize,
        render_ms: Option<u32>,
        lease: u32,
    ) -> Result<Self> {
        prepare(addresses, channels, render_ms)
            .await
            .map_err(|error| Error::setup(error.to_string(), "see the logs under crash/logs"))?;
        let failed = || Error::database("cannot make the jobs");
        sqlx::raw_sql(SCHEMA)
            .execute(database)
            .await
            .map_err(failed())?;
        let request = rig::video_request();
        sqlx::query("select crash_rig.start($1, $2)")
            .bind(sqlx::types::Json(request))
            .bind(f64::from(lease))
            .execute(database)
            .await
            .map_err(failed())?;
        Ok(Self { channels })
    }

    /// Makes the jobs of these numbers.
    pub(super) async fn add(&self, database: &PgPool, jobs: RangeInclusive<u32>) -> Result {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        sqlx::query("select crash_rig.add($1, $2)")
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

    pub(super) async fn look(&self, database: &PgPool) -> Result<Progress> {
        let failed = || Error::database("cannot look at the jobs");
        let row = sqlx::query("select * from crash_rig.progress")
            .fetch_one(database)
            .await
            .map_err(failed())?;
        let number = |name: &str| row.try_get::<i64, _>(name).map_err(failed());
        Ok(Progress {
            jobs: number("jobs")?,
            rendered: number("rendered")?,
            uploaded: number("uploaded")?,
            open: number("open")?,
            steps: number("steps")?,
        })
    }

    /// What a user does who reads that a render never reached the service and cost nothing: renders and schedules again.
    pub(super) async fn ask_again(&self, database: &PgPool) -> Result {
        sqlx::query("select crash_rig.ask_again()")
            .execute(database)
            .await
            .map(drop)
            .map_err(Error::database("cannot render a lost job again"))
    }
}

/// Has the stand-ins take their time to say what they have done.
async fn slow_down(addresses: &Addresses) -> std::result::Result<(), DemoError> {
    let (youtube, revid) = (&addresses.youtube, &addresses.revid);
    let slow = |operation: &str, delay_ms: u32| json!({"operation": operation, "when": "after", "delay_ms": delay_ms, "times": 0});
    control(
        format!("{youtube}/_control/faults"),
        json!([slow("upload.start", 60), slow("upload.chunk", 60)]),
    )
    .await?;
    control(
        format!("{revid}/_control/faults"),
        slow("render.submit", 80),
    )
    .await
}

/// Sets the stand-ins up and connects the channels.
async fn prepare(
    addresses: &Addresses,
    channels: usize,
    render_ms: Option<u32>,
) -> std::result::Result<(), DemoError> {
    let (google, youtube, revid) = (&addresses.google, &addresses.youtube, &addresses.revid);
    let plenty = 1_000_000_000;
    control(
        format!("{youtube}/_control/knobs"),
        json!({"quota_units": plenty, "quota_uploads": plenty, "processing_polls": 1}),
    )
    .await?;
    control(
        format!("{revid}/_control/knobs"),
        json!({
            "file_bytes": FILE_BYTES, "ready_after_real_ms": render_ms,
            "webhook": if render_ms.is_some() { "normal" } else { "never" },
            "dialect": if render_ms.is_some() { "observed" } else { "documented" },
        }),
    )
    .await?;
    let user = Client::sign_up(
        addresses,
        &format!("{}@example.org", uuid::Uuid::new_v4().simple()),
    )
    .await?;
    for number in 0..channels {
        let account = format!("crash-{number}");
        control(
            format!("{google}/_control/accounts"),
            json!({"account": account, "channel": {"title": format!("Channel {number}"), "rows": []}}),
        )
        .await?;
        connect(&user, &account).await?;
    }
    Ok(())
}

/// Connects an account's channel as a user does, and tells the product's id of it.
pub(super) async fn connect(
    user: &Client,
    account: &str,
) -> std::result::Result<serde_json::Value, DemoError> {
    let started = user
        .post("/api/channels/connect", json!({"login_hint": account}))
        .await?;
    let url = started["authorization_url"].as_str().unwrap_or_default();
    user.consent(url).await
}
