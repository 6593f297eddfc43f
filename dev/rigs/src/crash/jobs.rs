//! What there is to do: channels at the stand-ins, scripts, renders and uploads.

use std::ops::RangeInclusive;

use catalyst_cli::error::Result;
use serde_json::json;
use sqlx::{PgPool, types::Json};
use stack::api_client::Client;
use stack::{Addresses, controls};

use crate::database::{RIG, SUMS, run, run_all};
use crate::stand_ins::{connect, lift_quota, turn, video_request};

/// One render's file: two whole pieces and a rest.
const FILE_BYTES: u32 = 600_000;

/// The jobs of one run.
pub(super) struct Jobs {
    pub(super) channels: usize,
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
        let delay = |operation: &str, delay_ms: u32| json!({"operation": operation, "when": "after", "delay_ms": delay_ms, "times": 0});
        let uploads = json!([delay("upload.start", 60), delay("upload.chunk", 60)]);
        controls::set(&addresses.youtube, "faults", uploads).await?;
        controls::set(&addresses.revid, "faults", delay("render.submit", 80)).await?;
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
        lift_quota(&addresses.youtube, 1).await?;
        let (webhook, dialect) = match render_ms {
            Some(_) => ("normal", "observed"),
            None => ("never", "documented"),
        };
        let renders = json!({
            "file_bytes": FILE_BYTES, "ready_after_real_ms": render_ms, "webhook": webhook, "dialect": dialect,
        });
        turn(&addresses.revid, renders).await?;
        let user = Client::sign_up(addresses).await?;
        for number in 0..channels {
            let channel = json!({"title": format!("Channel {number}"), "rows": []});
            connect(addresses, &user, &format!("crash-{number}"), channel).await?;
        }
        for sql in [RIG, SUMS, include_str!("rig.sql")] {
            run_all(database, sql).await?;
        }
        let start = (Json(video_request()), f64::from(lease));
        run(database, "select crash_rig.start($1, $2)", start).await?;
        Ok(Self { channels })
    }

    /// Makes the jobs of these numbers.
    pub(super) async fn add(&self, database: &PgPool, jobs: RangeInclusive<u32>) -> Result {
        let number = |n: &u32| i32::try_from(*n).unwrap_or(i32::MAX);
        let jobs = (number(jobs.start()), number(jobs.end()));
        run(database, "select crash_rig.add_jobs($1, $2)", jobs).await
    }

    /// What a user does who reads that a render never reached the service and cost nothing: renders and schedules again.
    pub(super) async fn resubmit_lost(&self, database: &PgPool) -> Result {
        run(database, "select crash_rig.resubmit_lost()", ()).await
    }
}
