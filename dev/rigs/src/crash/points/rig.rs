//! A run under way: the stack, the proxy, and the jobs and channels behind it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use serde_json::json;
use sqlx::PgPool;
use stack::Addresses;
use uuid::Uuid;

use super::job::Job;
use super::{channels::Channels, proxy::FaultProxy, recording::Recording};
use crate::crash::jobs::Jobs;
use crate::database::{rows, run, value};

const POLL_EVERY: Duration = Duration::from_millis(200);

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
        run(&database, "update crash_rig.run set thumbnail = true", ()).await?;
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

    /// Makes these jobs, each on a channel of its own; their numbers.
    pub(super) async fn make(&mut self, jobs: Vec<Job>, sort: &str) -> Result<Vec<u32>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let taken = self.channels.connect(jobs.len(), sort, json!([])).await?;
        let taken: Vec<Uuid> = taken.iter().map(|channel| channel.id).collect();
        run(
            &self.database,
            "select crash_rig.use_channels($1)",
            (taken,),
        )
        .await?;
        let first = self.job_count().await? + 1;
        let last = self.job_count().await? + jobs.len() as u32;
        self.jobs.add(&self.database, first..=last).await?;
        for (number, job) in (first..).zip(jobs) {
            let recording = Recording::new(job);
            self.proxy.registry().recordings.insert(number, recording);
        }
        self.assign_rows().await?;
        Ok((first..=last).collect())
    }

    /// Tells the proxy whose rows are whose.
    async fn assign_rows(&self) -> Result {
        let ids = "select n, unnest(array[render_id, upload_id]) from crash_rig.jobs";
        let ids: Vec<(i32, Uuid)> = rows(&self.database, ids, ()).await?;
        let subjects = ids
            .into_iter()
            .map(|(number, id)| (id, number.unsigned_abs()));
        self.proxy.registry().subjects.extend(subjects);
        Ok(())
    }

    /// How many jobs there are: they are numbered from 1.
    pub(super) async fn job_count(&self) -> Result<u32> {
        let jobs: i64 = value(&self.database, "select count(*) from crash_rig.jobs", ()).await?;
        Ok(u32::try_from(jobs).unwrap_or(u32::MAX))
    }

    /// Waits until the work has come to where it must.
    pub(super) async fn until(
        &mut self,
        what: &str,
        is_so: impl AsyncFn(&mut Self) -> Result<bool>,
    ) -> Result {
        while !is_so(self).await? {
            if Instant::now() > self.deadline {
                let open: Vec<String> =
                    rows(&self.database, "select * from crash_rig.open_work", ())
                        .await?
                        .into_iter()
                        .map(|(line,)| line)
                        .collect();
                let late = format!(
                    "it did not come to this: {what}; open is\n    {}",
                    open.join("\n    ")
                );
                return Err(Error::setup(late, "see the logs under crash/points-logs"));
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
        Ok(())
    }

    /// Whether every job's upload but the poisoned one is in one of these states, and nothing is running or due soon.
    async fn uploads_are(&self, states: &[&str]) -> Result<bool> {
        let poisoned = self.poisoned.and_then(|number| i32::try_from(number).ok());
        let are = "select rig.is_idle('5 minutes') and not exists (
             select from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
             where u.state <> all ($1) and j.n is distinct from $2)";
        value(&self.database, are, (states, poisoned)).await
    }

    pub(super) async fn are_on_youtube(&mut self) -> Result<bool> {
        self.jobs.resubmit_lost(&self.database).await?;
        self.assign_rows().await?;
        let erased = self.channels.advance(&self.database).await?;
        Ok(erased && self.uploads_are(&["on_youtube", "published"]).await?)
    }

    pub(super) async fn are_public(&mut self) -> Result<bool> {
        self.uploads_are(&["published"]).await
    }

    /// Whether no step of any job is running or due soon.
    pub(super) async fn is_idle(&mut self) -> Result<bool> {
        value(&self.database, "select rig.is_idle('5 minutes')", ()).await
    }
}
