//! The step that kills every process that takes it, and the jobs beside it.

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};

use super::recording::Recording;
use super::rig::Rig;
use crate::reports::tenths;

/// The kind of the step.
pub(super) const POISONED: &str = "render.advance";

#[derive(sqlx::FromRow)]
struct PoisonedStep {
    state: String,
    claims: i64,
    max_attempts: i32,
    code: Option<String>,
    render: String,
}

impl Rig {
    /// What became of the step, and of the jobs beside it that were left alone.
    pub(super) async fn poison_report(&self) -> Result<Value> {
        let poisoned = self.poisoned.unwrap_or_default();
        let step: PoisonedStep = sqlx::query_as(
            "select s.state, s.claims, s.max_attempts, s.last_error ->> 'code' as code, r.state as render
             from crash_rig.jobs j join private.steps s on s.subject_id = j.render_id and s.kind = $2
             join public.renders r on r.id = j.render_id where j.n = $1",
        )
        .bind(i32::try_from(poisoned).unwrap_or(i32::MAX))
        .bind(POISONED)
        .fetch_one(&self.database)
        .await
        .map_err(Error::database("cannot read the poisoned step"))?;
        let registry = self.proxy.registry();
        let recording = registry.recordings.get(&poisoned);
        Ok(json!({
            "state": step.state, "claims": step.claims, "kills": recording.map_or(0, Recording::kills),
            "most_attempts": step.max_attempts, "code": step.code, "render": step.render,
            "others_late_seconds_max": tenths(self.late.unwrap_or(f64::MAX)),
        }))
    }
}
