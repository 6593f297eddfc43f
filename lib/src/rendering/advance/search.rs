//! Searching for the job of a submit whose answer was lost.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::work::{Failure, Run, Work};
use crate::pipeline::Outcome;
use crate::rendering::match_listing::{Match, find};
use clients::revid::{Project, ProviderJobId};
use platform::db::DbError;

/// What the database knows about other renders.
#[derive(Deserialize)]
struct Others {
    /// Jobs that belong to them.
    taken: HashSet<String>,
    /// Times of their submits whose job is unknown too.
    rivals: Vec<Timestamp>,
}

impl Run<'_> {
    pub(super) async fn search(&self, work: &Work) -> Result<Outcome, DbError> {
        let deadline = Instant::now() + self.ctx.time_left().min(Duration::from_secs(10));
        // A callback came to an address that only the provider knows: the job exists. Which one it is, the provider must
        // confirm.
        if let Some(hint) = work.hinted_job_id.as_deref().and_then(ProviderJobId::new)
            && self.revid.poll(&hint, deadline).await.is_ok()
            && self.adopt(&hint, "callback").await?
        {
            return Ok(Outcome::continue_now("found_by_callback"));
        }
        match self.revid.recent(self.schedule.listed, deadline).await {
            Ok(listing) => {
                if let Some(outcome) = self.search_listing(work, &listing).await? {
                    return Ok(outcome);
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "the provider's listing could not be read")
            }
        }
        if work.age() >= self.schedule.search_ends {
            // From here on only a late callback or a person changes it.
            return Ok(Outcome::Done);
        }
        Ok(Outcome::snooze(
            self.schedule.next_search(work.age()),
            "looking_for_the_job",
        ))
    }

    /// None while the listing does not decide it.
    async fn search_listing(
        &self,
        work: &Work,
        listing: &[Project],
    ) -> Result<Option<Outcome>, DbError> {
        let ids: Vec<_> = listing.iter().map(|project| project.id.as_str()).collect();
        let arguments = json!({ "p_render": work.id, "p_job_ids": ids });
        let engine = self.ctx.engine();
        let others: Others = engine.call("render_candidates", &arguments).await?;
        let submitted_at = work.submitted_at.unwrap_or(work.now);
        match find(
            listing,
            work.id,
            submitted_at,
            &others.taken,
            &others.rivals,
        ) {
            Match::ByCallback(job) if self.adopt(&job, "listing").await? => {
                Ok(Some(Outcome::continue_now("found_in_listing")))
            }
            Match::ByTime(job)
                if work.age() >= self.schedule.match_by_time
                    && self.adopt(&job, "listing_time").await? =>
            {
                Ok(Some(Outcome::continue_now("found_by_time")))
            }
            Match::Absent if work.age() >= self.schedule.never_arrived => {
                let message = "The render service never got the job. Nothing was charged and your allowance is free again. Render again.";
                let code = "submit_lost";
                let failure = Failure {
                    code,
                    message,
                    ..Failure::default()
                };
                let failed = self.record_failure(failure).await?;
                tracing::info!(render.id = %work.id, failed, "a submit never arrived");
                Ok(Some(Outcome::Done))
            }
            _ => Ok(None),
        }
    }

    /// Takes a job as this render's.
    async fn adopt(&self, job: &ProviderJobId, found_by: &str) -> Result<bool, DbError> {
        let arguments = json!({ "p_job_id": job, "p_found_by": found_by });
        let adopted = self.fenced("adopt_render_job", arguments).await?;
        if adopted {
            tracing::info!(render.id = %self.claim.subject_id, found_by, "the job of a lost submit was found");
        }
        Ok(adopted)
    }
}
