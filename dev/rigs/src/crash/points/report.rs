//! What became of everything, what the report promises, and how a person reads it.

use std::collections::BTreeMap;

use catalyst_cli::error::Result;
use serde_json::{Value, json};

use super::discovery::POISONED;
use super::recording::{Recording, recordings};
use super::{job::Job, rig::Rig};
use crate::crash::effects;
use crate::database::value;
use crate::environment::tenths;

/// Seconds that a busy machine may add to a lease. A poisoned step that held others up would do so for eight leases.
const BUSY: f64 = 10.0;
/// What must be 0.
const NONE: [&str; 9] = [
    "lost",
    "duplicated_uploads",
    "duplicated_renders",
    "left_running",
    "unbalanced_sums",
    "orphans",
    "not_copied",
    "not_reached",
    "repeated_effects",
];

/// The promises that this run did not see kept.
pub(super) fn broken(report: &Value, lease: u32, doubled: usize) -> Vec<String> {
    let poison = &report["poison"];
    let late = poison["others_late_seconds_max"].as_f64();
    let promises = [
        (
            "every attempt is accounted for",
            report["attempts_accounted"] == true,
        ),
        (
            "an interrupted channel ends as an undisturbed one",
            report["channels"]["differing"] == 0,
        ),
        (
            "nothing of an erased channel is left",
            report["channels"]["rows_left"] == 0,
        ),
        (
            "a poisoned step is dead-lettered",
            poison["code"] == "attempts_exhausted",
        ),
        (
            "after exactly so many claims",
            poison["claims"] == poison["most_attempts"] && poison["kills"] == poison["claims"],
        ),
        (
            "a poisoned step delays nothing by more than a lease",
            late.is_some_and(|late| late <= f64::from(lease) + BUSY),
        ),
        (
            "the scheduler delivered twice",
            report["doubled_deliveries"].as_u64() >= Some(doubled as u64),
        ),
    ];
    let counts = NONE.iter().filter(|name| report[**name] != 0);
    let counts = counts.map(|name| format!("{name} is {}", report[*name]));
    let broken = promises.into_iter().filter(|(_, kept)| !kept);
    counts
        .chain(broken.map(|(promise, _)| promise.to_owned()))
        .collect()
}

/// The report as a person reads it.
pub(super) const SUMMARY: &str = "  killed at   {struck} of {points} points, {not_reached} not reached; each was made up for within {healed_seconds_max} s
  repeated    {repeated_steps} whole steps, {doubled_deliveries} occurrences delivered twice: {repeated_effects} effects
  poison      {poison}
  channels    {channels}
  verdict     lost {lost}, duplicated uploads {duplicated_uploads}, duplicated renders {duplicated_renders}, orphans {orphans}, not copied {not_copied}, left running {left_running}; {seconds} s";

impl Rig {
    /// The report on these points and jobs.
    pub(super) async fn report(&self, all: &[Job], numbers: &[u32]) -> Result<Value> {
        let jobs = self.job_count().await?;
        let effects = effects::count(&self.addresses, &self.database, jobs).await?;
        let orphans = self.orphans(&effects).await?;
        let not_copied = "select count(*) from crash_rig.not_copied";
        let not_copied: i64 = value(&self.database, not_copied, ()).await?;
        let attempts_accounted: bool = value(
            &self.database,
            "select not exists (select from crash_rig.claims where ending is null)
               and not exists (select from private.steps s join crash_rig.jobs j on s.subject_id in (j.render_id, j.upload_id)
                 where s.claims <> (select count(*) from crash_rig.claims c where c.step = s.id))",
            (),
        )
        .await?;
        let registry = self.proxy.registry();
        let recordings: Vec<&Recording> = recordings(&registry, numbers).collect();
        let healed = recordings
            .iter()
            .filter_map(|recording| recording.healed)
            .max();
        let list: Vec<Value> = recordings.iter().filter_map(|one| line(one)).collect();
        let reached = |reached: bool, first: bool| {
            let is_so = |line: &&Value| line["struck"] == reached && (line["nth"] == 1) == first;
            list.iter().filter(is_so).count()
        };
        let mut points_of_steps: BTreeMap<&str, u32> = BTreeMap::new();
        for point in all.iter().filter_map(|job| job.kills.last()) {
            *points_of_steps.entry(&point.step).or_default() += 1;
        }
        // The poisoned job has no video, as it must not.
        let lost = effects["lost"]
            .as_u64()
            .unwrap_or_default()
            .saturating_sub(1);
        Ok(json!({
            "points": all.len(),
            "points_of_steps": points_of_steps,
            "struck": reached(true, true) + reached(true, false),
            "not_reached": reached(false, true),
            "not_reached_again": reached(false, false),
            "kills": recordings.iter().map(|recording| recording.kills).sum::<u32>(),
            "jobs": numbers.len(),
            "lost": lost,
            "duplicated_uploads": effects["duplicated_uploads"],
            "duplicated_renders": effects["duplicated_renders"],
            "left_running": effects["left_running"],
            "unbalanced_sums": effects["unbalanced_sums"],
            "orphans": orphans,
            "not_copied": not_copied,
            "healed_seconds_max": tenths(healed.unwrap_or_default().as_secs_f64()),
            "channels": self.channels.report(),
            "outcomes": effects["outcomes"],
            "submits_found_again": effects["submits_found_again"],
            "asked_again": effects["asked_again"],
            "protocol_violations": effects["protocol_violations"],
            "list": list,
            "attempts_accounted": attempts_accounted,
        }))
    }

    /// What became of the poisoned step, and of the jobs beside it that were left alone.
    pub(super) async fn poison_report(&self) -> Result<Value> {
        let poisoned = self.poisoned.unwrap_or_default();
        let step = (i32::try_from(poisoned).unwrap_or(i32::MAX), POISONED);
        let mut report: Value =
            value(&self.database, "select crash_rig.poisoned($1, $2)", step).await?;
        let registry = self.proxy.registry();
        let recording = registry.recordings.get(&poisoned);
        report["kills"] = json!(recording.map_or(0, |recording| recording.kills));
        report["others_late_seconds_max"] = json!(tenths(self.late.unwrap_or(f64::MAX)));
        Ok(report)
    }

    /// What the world outside holds and what the product says of it, without how often it was tried.
    pub(super) async fn effects(&self) -> Result<Value> {
        let jobs = self.job_count().await?;
        let mut effects = effects::count(&self.addresses, &self.database, jobs).await?;
        for name in ["claims", "claims_of_other_steps", "attempts_accounted"] {
            effects[name].take();
        }
        Ok(effects)
    }

    /// Makes every step that is over due again; how many.
    pub(super) async fn repeat_steps(&self) -> Result<i64> {
        value(&self.database, "select crash_rig.repeat_steps()", ()).await
    }

    /// Things outside that nobody here knows of: videos, paid renders, and grants of channels that were erased.
    async fn orphans(&self, effects: &Value) -> Result<u64> {
        let known = "select things from crash_rig.known_outside";
        let known: i64 = value(&self.database, known, ()).await?;
        let number = |name: &str| effects[name].as_i64().unwrap_or_default();
        let outside = number("videos_created") + number("renders_charged");
        let grants = self.channels.grants_left().await?;
        Ok(outside.abs_diff(known) + grants)
    }
}

/// What became of a job whose workers were to be killed.
fn line(recording: &Recording) -> Option<Value> {
    let planned = &recording.job.kills;
    let mut line = json!(planned.last()?);
    line["after"] = json!(planned.iter().rev().nth(1));
    line["struck"] = json!(recording.kills as usize == planned.len());
    line["healed_ms"] = json!(recording.healed.map(|time| time.as_millis()));
    Some(line)
}
