//! What became of everything.

use std::collections::BTreeMap;

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};

use super::job::Job;
use super::recording::Recording;
use super::rig::Rig;
use crate::crash::effects;
use crate::reports::tenths;

impl Rig {
    /// The report on these points and jobs.
    pub(super) async fn report(&self, all: &[Job], numbers: &[u32]) -> Result<Value> {
        let jobs = self.job_count().await?;
        let effects = effects::count(&self.addresses, &self.database, jobs).await?;
        let orphans = self.orphans(&effects).await?;
        let registry = self.proxy.registry();
        let recordings: Vec<&Recording> = numbers
            .iter()
            .filter_map(|number| registry.recordings.get(number))
            .collect();
        let healed = recordings
            .iter()
            .filter_map(|recording| recording.healed())
            .max();
        let list: Vec<Value> = recordings.iter().filter_map(|one| line(one)).collect();
        let reached = |reached: bool, first: bool| {
            let is_so =
                |line: &&Value| (line["struck"] == reached) && ((line["nth"] == 1) == first);
            list.iter().filter(is_so).count()
        };
        // The poisoned job has no video, as it must not.
        let lost = effects["lost"]
            .as_u64()
            .unwrap_or_default()
            .saturating_sub(1);
        Ok(json!({
            "points": all.len(),
            "points_of_steps": points_of_steps(all),
            "struck": reached(true, true) + reached(true, false),
            "not_reached": reached(false, true),
            "not_reached_again": reached(false, false),
            "kills": recordings.iter().map(|recording| recording.kills()).sum::<u32>(),
            "jobs": numbers.len(),
            "lost": lost,
            "duplicated_uploads": effects["duplicated_uploads"],
            "duplicated_renders": effects["duplicated_renders"],
            "left_running": effects["left_running"],
            "orphans": orphans,
            "healed_seconds_max": tenths(healed.unwrap_or_default().as_secs_f64()),
            "channels": self.channels.report(),
            "outcomes": effects["outcomes"],
            "submits_found_again": effects["submits_found_again"],
            "asked_again": effects["asked_again"],
            "protocol_violations": effects["protocol_violations"],
            "list": list,
        }))
    }

    /// What the world outside holds and what the product says of it, without how often it was tried.
    pub(super) async fn effects(&self) -> Result<Value> {
        let jobs = self.job_count().await?;
        let mut effects = effects::count(&self.addresses, &self.database, jobs).await?;
        for name in ["claims", "claims_of_other_steps", "attempts_accounted"] {
            effects.as_object_mut().map(|effects| effects.remove(name));
        }
        Ok(effects)
    }

    /// Makes every step that is over due again; how many.
    pub(super) async fn repeat_steps(&self) -> Result<i64> {
        sqlx::query_scalar(
            "select count(private.enqueue_step(queue, kind, subject_id, channel_id)) from private.steps
             where kind in ('render.advance', 'upload.advance', 'upload.thumbnail') and state = 'done'",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot repeat the steps"))
    }

    /// Whether each claim has an end, and the pipeline counted as many as its database saw.
    pub(super) async fn attempts_are_accounted(&self) -> Result<bool> {
        sqlx::query_scalar(
            "select not exists (select from crash_rig.claims where ending is null)
               and not exists (select from private.steps s join crash_rig.jobs j on s.subject_id in (j.render_id, j.upload_id)
                 where s.claims <> (select count(*) from crash_rig.claims c where c.step = s.id))",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot count the claims"))
    }

    /// Things outside that nobody here knows of: videos, paid renders, and grants of channels that were erased.
    async fn orphans(&self, effects: &Value) -> Result<u64> {
        let known: i64 = sqlx::query_scalar(
            "select (select count(*) from public.scheduled_uploads where youtube_video_id is not null)
               + (select count(*) from public.renders where provider_job_id is not null)",
        )
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot count what is known"))?;
        let number = |name: &str| effects[name].as_i64().unwrap_or_default();
        let outside = number("videos_created") + number("renders_charged");
        let grants = self.channels.grants_left().await?;
        Ok(outside.abs_diff(known) + grants)
    }
}

/// How many points each kind of step has.
fn points_of_steps(all: &[Job]) -> BTreeMap<&str, u32> {
    let mut steps = BTreeMap::new();
    for point in all.iter().filter_map(|job| job.kills.last()) {
        *steps.entry(point.step.as_str()).or_default() += 1;
    }
    steps
}

/// What became of a job whose workers were to be killed.
fn line(recording: &Recording) -> Option<Value> {
    let planned = recording.planned();
    let mut line = json!(planned.last()?);
    line["after"] = json!(planned.iter().rev().nth(1));
    line["struck"] = json!(recording.kills() as usize == planned.len());
    line["healed_ms"] = json!(recording.healed().map(|time| time.as_millis()));
    Some(line)
}
