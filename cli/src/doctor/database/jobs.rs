//! Every job that a migration schedules must be there and active.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::doctor::finding::Finding;
use crate::{postgres::catalog, project::Project};

pub(super) async fn check(connection: &mut PgConnection, project: &Project) -> Finding {
    let wanted = scheduled(project);
    let active = match catalog::active_jobs(connection).await {
        Ok(active) => active,
        Err(error) => {
            return Finding::fault(
                format!("pg_cron cannot be asked: {error}"),
                "enable the extension pg_cron",
            );
        }
    };
    let missing: Vec<_> = wanted
        .iter()
        .filter(|job| !active.contains_key(*job))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Finding::fine(format!("all {} jobs are scheduled", wanted.len()));
    }
    Finding::fault(
        format!("jobs that are not scheduled: {}", missing.join(", ")),
        "repeat their `select cron.schedule(…)` of supabase/migrations, or `select cron.alter_job(jobid, active := true) from cron.job`",
    )
}

/// Names of the jobs in the migrations.
fn scheduled(project: &Project) -> BTreeSet<String> {
    let mut jobs = BTreeSet::new();
    for entry in std::fs::read_dir(project.migrations())
        .into_iter()
        .flatten()
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once("cron.schedule(") {
            if let Some(name) = after.trim_start().strip_prefix('\'')
                && let Some((name, _)) = name.split_once('\'')
            {
                jobs.insert(name.to_owned());
            }
            rest = after;
        }
    }
    jobs
}
