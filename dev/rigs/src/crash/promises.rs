//! What the report promises: whether it was kept, and how a person reads it.

use serde_json::{Value, json};

use crate::environment::tenths;

/// What the report promises, after what was asked for.
const PROMISED: [&str; 5] = [
    "lost",
    "duplicated_uploads",
    "duplicated_renders",
    "left_running",
    "attempts_accounted",
];
/// Seconds from a worker's last sign of life within which its work must be taken over.
const NOTICED_WITHIN: f64 = 90.0;

/// Puts what was counted into the report: what is promised comes first, and in this order.
pub(super) fn add_counts(report: &mut Value, mut counted: Value, seconds: f64) {
    for name in PROMISED {
        report[name] = counted[name].take();
    }
    report["seconds"] = json!(tenths(seconds));
    if let (Value::Object(report), Value::Object(counted)) = (report, counted) {
        for (name, value) in counted {
            report.entry(name).or_insert(value);
        }
    }
}

/// Whether nothing was lost, done twice or left running.
pub(super) fn are_kept(report: &Value) -> bool {
    let [counts @ .., accounted] = PROMISED;
    counts.iter().all(|name| report[*name] == 0)
        && report[accounted] == true
        && report["unbalanced_sums"] == 0
        && report["noticed_seconds_max"].as_f64() <= Some(NOTICED_WITHIN)
}

/// The report as a person reads it.
pub(super) const SUMMARY: &str = "  outside     {videos_created} videos and {renders_charged} paid renders for {jobs} jobs
  faults      {kills} killed, {stalls} stalled; {taken_over} of {claims} claims were taken over, the longest silence was {noticed_seconds_max} s
  verdict     lost {lost}, duplicated uploads {duplicated_uploads}, duplicated renders {duplicated_renders}, left running {left_running}, every attempt accounted for: {attempts_accounted}, unbalanced sums {unbalanced_sums}; {seconds} s";

#[cfg(test)]
mod tests {
    use super::*;

    fn report(counted: Value) -> Value {
        let mut report = json!({"jobs": 2});
        add_counts(&mut report, counted, 1.25);
        report
    }

    #[test]
    fn promises_come_before_everything_else_that_was_counted() {
        let report = report(json!({
            "claims": 3, "attempts_accounted": true, "left_running": 0, "duplicated_renders": 0, "duplicated_uploads": 0, "lost": 0,
        }));
        let names: Vec<_> = report.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            [
                "jobs",
                "lost",
                "duplicated_uploads",
                "duplicated_renders",
                "left_running",
                "attempts_accounted",
                "seconds",
                "claims"
            ]
        );
    }

    #[test]
    fn one_job_lost_or_one_silence_too_long_breaks_a_promise() {
        let kept = json!({
            "lost": 0, "duplicated_uploads": 0, "duplicated_renders": 0, "left_running": 0, "attempts_accounted": true,
            "noticed_seconds_max": 4.0, "unbalanced_sums": 0,
        });
        assert!(are_kept(&kept));
        for (name, value) in [
            ("lost", json!(1)),
            ("duplicated_uploads", json!(1)),
            ("left_running", json!(1)),
            ("attempts_accounted", json!(false)),
            ("unbalanced_sums", json!(1)),
            ("noticed_seconds_max", json!(91)),
        ] {
            let mut broken = kept.clone();
            broken[name] = value;
            assert!(!are_kept(&broken), "{name}");
        }
    }
}
