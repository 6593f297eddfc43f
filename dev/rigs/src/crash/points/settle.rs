//! Waits until the work has come to where it must.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};

use super::rig::Rig;

const POLL_EVERY: Duration = Duration::from_millis(200);

impl Rig {
    pub(super) async fn until(
        &mut self,
        what: &str,
        is_so: impl AsyncFn(&mut Self) -> Result<bool>,
    ) -> Result {
        while !is_so(self).await? {
            if Instant::now() > self.deadline {
                let open = self.open().await.unwrap_or_default();
                return Err(Error::setup(
                    format!("it did not come to this: {what}; open is\n    {open}"),
                    "see the logs under crash/points-logs",
                ));
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
        Ok(())
    }

    /// What is not over, for a message.
    async fn open(&self) -> Result<String> {
        let rows: Vec<String> = sqlx::query_scalar(
            "(select format('%s %s %s %s, due in %s s', s.kind, s.subject_id, s.state, coalesce(s.reason, s.last_error ->> 'code', ''),
                extract(epoch from s.due_at - private.now())::integer)
             from private.steps s where s.state not in ('done', 'waiting') or s.due_at < private.now() + interval '1 hour' limit 20)
             union all
             (select format('upload of job %s %s %s, render %s', j.n, u.state, u.reason || ' ' || coalesce(u.last_error::text, ''), r.state)
              from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id join public.renders r on r.id = j.render_id
              where u.state <> 'published' limit 20)
             union all
             (select format('channel %s %s', c.id, c.state) from public.channels c where c.state = 'erasing' limit 20)",
        )
        .fetch_all(&self.database)
        .await
        .map_err(Error::database("cannot read the steps"))?;
        Ok(rows.join("\n    "))
    }

    /// Whether no job's upload is in any of the states before `states`.
    async fn uploads_are(&self, states: &[&str]) -> Result<bool> {
        sqlx::query_scalar(
            "select not exists (
               select from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
               where u.state <> all ($1) and j.n is distinct from $2)",
        )
        .bind(states)
        .bind(
            self.poisoned
                .map(|number| i32::try_from(number).unwrap_or(i32::MAX)),
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot read the uploads"))
    }

    pub(super) async fn are_on_youtube(&mut self) -> Result<bool> {
        self.jobs.resubmit_lost(&self.database).await?;
        self.assign_rows().await?;
        let erased = self.channels.advance(&self.database).await?;
        Ok(erased
            && self.uploads_are(&["on_youtube", "published"]).await?
            && self.is_idle().await?)
    }

    pub(super) async fn are_public(&mut self) -> Result<bool> {
        Ok(self.uploads_are(&["published"]).await? && self.is_idle().await?)
    }

    /// Whether no step of any job is running or due soon.
    pub(super) async fn is_idle(&mut self) -> Result<bool> {
        sqlx::query_scalar(
            "select not exists (select from private.steps where state = 'running'
               or (state = 'waiting' and due_at < private.now() + interval '5 minutes'))",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot read the steps"))
    }
}
