//! The report of a drill, and what it takes to pass.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::environment::tenths;
use crate::stand_ins::list;

/// Seconds without service that a recovery may take.
const LONGEST_RECOVERY: f64 = 300.0;

/// What was counted in the course of a drill.
pub(super) struct Counts {
    pub(super) jobs: usize,
    /// Videos of the catalogue, before and after.
    pub(super) catalogue: i64,
    pub(super) catalogue_after: i64,
    /// Videos that YouTube had for each job, when the database was destroyed and at the end.
    pub(super) before: BTreeMap<String, usize>,
    pub(super) after: BTreeMap<String, usize>,
    pub(super) uploads_not_finished: i64,
    /// Jobs whose second scheduling was refused, because YouTube has their video already.
    pub(super) refused_again: usize,
    /// What of the erasures and revocations was undone, and what that waited was lost.
    pub(super) undone: Vec<&'static str>,
    /// Tables and kinds of steps of which the destroyed database held none.
    pub(super) gaps: Vec<String>,
}

/// Puts the counts beside the recovery's own report.
pub(super) fn report(counts: &Counts, recovered: &Value) -> Value {
    let twice: usize = counts
        .after
        .values()
        .map(|count| count.saturating_sub(1))
        .sum();
    let missing = counts.jobs - counts.after.len();
    let unclaimed = list(&recovered["unclaimed"], "videos").len();
    let seconds = |name: &str| recovered[name].as_f64().unwrap_or(f64::MAX);
    let ok = recovered["ok"] == true
        && twice == 0
        && missing == 0
        && counts.uploads_not_finished == 0
        && counts.catalogue_after == counts.catalogue
        && counts.refused_again == unclaimed
        && counts.undone.is_empty()
        && counts.gaps.is_empty()
        && seconds("rto_seconds") <= LONGEST_RECOVERY;
    json!({
        "ok": ok,
        "rpo_seconds": tenths(seconds("rpo_seconds")),
        "rto_seconds": tenths(seconds("rto_seconds")),
        "rows_compared": recovered["rows_compared"],
        "mismatches": recovered["mismatches"],
        "uploads_duplicated": twice,
        "catalog_videos": counts.catalogue,
        "jobs": counts.jobs,
        "videos_when_destroyed": counts.before.values().sum::<usize>(),
        "videos_at_the_end": counts.after.values().sum::<usize>(),
        "jobs_without_video": missing,
        "uploads_not_finished": counts.uploads_not_finished,
        "schedules_lost_but_on_youtube": unclaimed,
        "of_those_refused_when_scheduled_again": counts.refused_again,
        "undone": counts.undone,
        "gaps": counts.gaps,
        "recovery": recovered,
    })
}

/// The report as a person reads it.
pub(super) const SUMMARY: &str = "{rpo_seconds} s of changes lost, {rto_seconds} s without service, {rows_compared} rows compared, {mismatches} mismatches, {uploads_duplicated} uploads twice, undone: {undone}, not drilled: {gaps}";

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Counts {
        let videos = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 1)]);
        Counts {
            jobs: 2,
            catalogue: 240,
            catalogue_after: 240,
            before: videos.clone(),
            after: videos,
            uploads_not_finished: 0,
            refused_again: 0,
            undone: vec![],
            gaps: vec![],
        }
    }

    #[test]
    fn a_job_with_two_videos_or_none_does_not_pass() {
        let recovered = json!({"ok": true, "rto_seconds": 12.34, "rpo_seconds": 1.0});
        let passed = report(&counts(), &recovered);
        assert_eq!(
            (&passed["ok"], &passed["rto_seconds"]),
            (&json!(true), &json!(12.3))
        );
        let mut twice = counts();
        twice.after.insert("a".to_owned(), 2);
        assert_eq!(report(&twice, &recovered)["uploads_duplicated"], 1);
        let mut missing = counts();
        missing.after.remove("a");
        let mut undone = counts();
        undone.undone.push("an erased account is back");
        let mut gaps = counts();
        gaps.gaps.push("private.new_table".to_owned());
        for failed in [twice, missing, undone, gaps] {
            assert_eq!(report(&failed, &recovered)["ok"], false);
        }
    }

    #[test]
    fn a_recovery_that_takes_too_long_or_says_nothing_does_not_pass() {
        for recovered in [
            json!({"ok": true, "rto_seconds": 301}),
            json!({"ok": true}),
            json!({"ok": false, "rto_seconds": 1}),
        ] {
            assert_eq!(report(&counts(), &recovered)["ok"], false, "{recovered}");
        }
    }
}
