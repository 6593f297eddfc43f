//! Whether every migration is applied.

use sqlx::postgres::PgConnectOptions;

use crate::doctor::finding::Finding;
use crate::{
    migrate::{self, State},
    project::Project,
};

/// False when the database does not answer.
pub(super) async fn check(
    login: &PgConnectOptions,
    project: &Project,
    findings: &mut Vec<Finding>,
) -> bool {
    let lines = match migrate::status(login, &project.migrations()).await {
        Ok(lines) => lines,
        Err(error) => {
            findings.push(Finding::fault(
                error.to_string(),
                "compare DATABASE_URL with the project's connection settings",
            ));
            return false;
        }
    };
    let wrong: Vec<_> = lines
        .iter()
        .filter(|line| !matches!(line.state, State::Applied | State::AppliedElsewhere))
        .map(|line| format!("{}_{} ({})", line.version, line.name, line.state))
        .collect();
    findings.push(if wrong.is_empty() {
        Finding::fine(format!(
            "all {} migrations are applied as they are here",
            lines.len()
        ))
    } else {
        Finding::fault(
            format!("migrations: {}", wrong.join(", ")),
            "`catalyst migrate up --database-url \"$DATABASE_URL\"` says more",
        )
    });
    true
}
