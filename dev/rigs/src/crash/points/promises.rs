//! What the report promises: what was not kept, and how a person reads it.

use serde_json::Value;

use super::args::PointsArgs;

/// Seconds that a busy machine may add to a lease. A poisoned step that held others up would do so for eight leases.
const BUSY: f64 = 10.0;
/// What must be 0.
const NONE: [&str; 7] = [
    "lost",
    "duplicated_uploads",
    "duplicated_renders",
    "left_running",
    "orphans",
    "not_reached",
    "repeated_effects",
];

/// The promises that this run did not see kept.
pub(super) fn broken(report: &Value, args: &PointsArgs) -> Vec<String> {
    let counts = NONE.iter().filter(|name| report[**name] != 0);
    let counts = counts.map(|name| format!("{name} is {}", report[*name]));
    let promises = promises(report, args).into_iter().filter(|(kept, _)| !kept);
    counts
        .chain(promises.map(|(_, promise)| promise.to_owned()))
        .collect()
}

fn promises(report: &Value, args: &PointsArgs) -> [(bool, &'static str); 7] {
    let poison = &report["poison"];
    let late = poison["others_late_seconds_max"].as_f64();
    [
        (
            report["attempts_accounted"] == true,
            "every attempt is accounted for",
        ),
        (
            report["channels"]["differing"] == 0,
            "an interrupted channel ends as an undisturbed one",
        ),
        (
            report["channels"]["rows_left"] == 0,
            "nothing of an erased channel is left",
        ),
        (
            poison["code"] == "attempts_exhausted",
            "a poisoned step is dead-lettered",
        ),
        (
            poison["claims"] == poison["most_attempts"] && poison["kills"] == poison["claims"],
            "after exactly so many claims",
        ),
        (
            late.is_some_and(|late| late <= f64::from(args.lease) + BUSY),
            "a poisoned step delays nothing by more than a lease",
        ),
        (
            report["doubled_deliveries"].as_u64() >= Some(args.doubled as u64),
            "the scheduler delivered twice",
        ),
    ]
}

pub(super) fn summary(report: &Value) {
    let number = |name: &str| report[name].to_string();
    println!(
        "  killed at   {} of {} points, {} not reached; each was made up for within {} s",
        number("struck"),
        number("points"),
        number("not_reached"),
        number("healed_seconds_max")
    );
    println!(
        "  repeated    {} whole steps, {} occurrences delivered twice: {} effects",
        number("repeated_steps"),
        number("doubled_deliveries"),
        number("repeated_effects")
    );
    println!("  poison      {}", report["poison"]);
    println!("  channels    {}", report["channels"]);
    println!(
        "  verdict     lost {}, duplicated uploads {}, duplicated renders {}, orphans {}, left running {}; {} s",
        number("lost"),
        number("duplicated_uploads"),
        number("duplicated_renders"),
        number("orphans"),
        number("left_running"),
        number("seconds")
    );
    for promise in report["broken"].as_array().into_iter().flatten() {
        println!("  NOT KEPT    {promise}");
    }
}
