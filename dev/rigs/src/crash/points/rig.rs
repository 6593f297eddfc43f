//! Everything a run needs: the stack, the proxy, and the jobs and channels behind it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use serde_json::json;
use sqlx::PgPool;
use stack::{Addresses, controls};
use uuid::Uuid;

use super::channels::Channels;
use super::plan::Plan;
use super::proxy::FaultProxy;
use super::recording::Recording;
use crate::crash::jobs::Jobs;

/// Past the publish time of every job, and past the life of every access token.
const DAYS: u32 = 4 * 86_400;

/// A run under way.
pub(super) struct Rig {
    pub(super) addresses: Addresses,
    pub(super) database: PgPool,
    pub(super) proxy: Arc<FaultProxy>,
    pub(super) jobs: Jobs,
    pub(super) channels: Channels,
    /// The job that kills every worker that takes it.
    pub(super) poisoned: Option<u32>,
    /// The longest time that a step of an undisturbed job was due beside it, in seconds.
    pub(super) late: Option<f64>,
    pub(super) deadline: Instant,
}

impl Rig {
    /// Makes the first channel and gives the discovery five minutes.
    pub(super) async fn prepare(
        addresses: Addresses,
        database: PgPool,
        proxy: Arc<FaultProxy>,
        lease: u32,
    ) -> Result<Self> {
        let jobs = Jobs::prepare(&addresses, &database, 1, None, lease).await?;
        sqlx::query("update crash_rig.run set thumbnail = true")
            .execute(&database)
            .await
            .map_err(Error::database("cannot ask for pictures"))?;
        Ok(Self {
            channels: Channels::new(&addresses).await?,
            addresses,
            database,
            proxy,
            jobs,
            poisoned: None,
            late: None,
            deadline: Instant::now() + Duration::from_secs(300),
        })
    }

    /// One job for each plan, each on a channel of its own.
    pub(super) async fn make(&mut self, plans: Vec<Plan>, sort: &str) -> Result<Vec<u32>> {
        if plans.is_empty() {
            return Ok(Vec::new());
        }
        let failed = || Error::database("cannot make the jobs");
        let taken = self.channels.connect(plans.len(), sort, json!([])).await?;
        sqlx::query("select crash_rig.use_channels($1)")
            .bind(taken.iter().map(|channel| channel.id).collect::<Vec<_>>())
            .execute(&self.database)
            .await
            .map_err(failed())?;
        let first: i32 = sqlx::query_scalar("select coalesce(max(n), 0) + 1 from crash_rig.jobs")
            .fetch_one(&self.database)
            .await
            .map_err(failed())?;
        let first = first.unsigned_abs();
        let last = first + plans.len() as u32 - 1;
        self.jobs.add(&self.database, first..=last).await?;
        for (number, plan) in (first..).zip(plans) {
            self.proxy
                .registry()
                .recordings
                .insert(number, Recording::new(plan));
        }
        self.assign_rows().await?;
        Ok((first..=last).collect())
    }

    /// Tells the proxy whose rows are whose.
    pub(super) async fn assign_rows(&self) -> Result {
        let rows: Vec<(i32, Uuid, Uuid)> =
            sqlx::query_as("select n, render_id, upload_id from crash_rig.jobs")
                .fetch_all(&self.database)
                .await
                .map_err(Error::database("cannot read the jobs"))?;
        let mut registry = self.proxy.registry();
        for (number, render, upload) in rows {
            registry.assign(render, number.unsigned_abs());
            registry.assign(upload, number.unsigned_abs());
        }
        Ok(())
    }

    /// Four days pass.
    pub(super) async fn advance_clock(&self) -> Result {
        let days = json!({ "advance_seconds": DAYS });
        controls::set(&self.addresses.supabase, "clock", days).await
    }

    /// How many jobs there are.
    pub(super) async fn job_count(&self) -> Result<u32> {
        let jobs: i64 = sqlx::query_scalar("select count(*) from crash_rig.jobs")
            .fetch_one(&self.database)
            .await
            .map_err(Error::database("cannot count the jobs"))?;
        Ok(u32::try_from(jobs).unwrap_or(u32::MAX))
    }
}
