//! What the deployment's own health says.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::doctor::finding::Finding;

/// A round trip to a database in the same region takes a few milliseconds.
const FAR_MILLISECONDS: u64 = 60;

/// Without a verified backup for longer than this, the watchdog raises an alert too.
const BACKUP_AGE: Duration = Duration::from_secs(26 * 3600);

pub(super) fn check(base: &str, health: &Value, local: bool, findings: &mut Vec<Finding>) {
    match health["status"].as_str() {
        Some("healthy") => findings.push(Finding::fine(format!("{base} is healthy"))),
        status => findings.push(Finding::fault(
            format!("{base} is {}", status.unwrap_or("without a status")),
            "GET /api/health says which part; docs/operations.md says what to do about each",
        )),
    }
    let trip = health["services"]["database"]["response_time"].as_u64();
    if let Some(trip) = trip.filter(|trip| *trip > FAR_MILLISECONDS && !local) {
        findings.push(Finding::advice(
            format!("the functions' database answers in {trip} ms"),
            "if it stays so, they are far apart: put `regions` in vercel.json beside the database",
        ));
    }
    if !local {
        findings.push(backup(health));
    }
}

/// When a backup was last shown to be good.
fn backup(health: &Value) -> Finding {
    let verified = health["work"]["last_verified_backup_at"]
        .as_str()
        .and_then(|moment| moment.parse::<Timestamp>().ok());
    match verified {
        None => Finding::advice(
            "no backup was ever verified",
            "run the workflow `backup`, or `catalyst backup create` and `catalyst backup verify`",
        ),
        Some(moment) if Timestamp::now().duration_since(moment).unsigned_abs() > BACKUP_AGE => {
            Finding::fault(
                format!("the newest verified backup is of {moment}"),
                "see the last runs of the workflow `backup`",
            )
        }
        Some(moment) => Finding::fine(format!("a backup was verified at {moment}")),
    }
}
