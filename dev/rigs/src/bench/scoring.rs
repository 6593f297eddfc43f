//! The arithmetic of scores, on one core and without a database.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use scoring::channel::StoredVideo;
use scoring::{Format, MODEL, channel};

use super::report::Report;
use super::row::{Bound, Row};
use super::runs::Runs;

const RUNS: usize = 7;
const FEW: i64 = 10_000;
const MANY: i64 = 100_000;

pub(super) fn measure(report: &mut Report) {
    let (few, many) = (videos(FEW), videos(MANY));
    let (mut seconds_few, mut seconds_many, mut exponents) =
        (Runs::default(), Runs::default(), Runs::default());
    for _ in 0..RUNS {
        let took = (seconds(&few), seconds(&many));
        seconds_few.push(took.0);
        seconds_many.push(took.1);
        exponents.push((took.1 / took.0).log10() / (MANY as f64 / FEW as f64).log10());
    }
    let rate = MANY as f64 / seconds_many.median();
    report.add(
        Row::new("scoring 10,000 videos, one core", "s", seconds_few).must(Bound::AtMost(1.0)),
    );
    report.add(Row::new(
        "scoring 100,000 videos, one core",
        "s",
        seconds_many,
    ));
    report.add(
        Row::new("scoring: growth with the videos, exponent", "", exponents)
            .must(Bound::AtMost(1.1)),
    );
    report.add(
        Row::new(
            "scoring: scores a second, one core",
            "1/s",
            Runs::once(rate),
        )
        .must(Bound::AtLeast(100_000.0)),
    );
}

fn videos(count: i64) -> Vec<StoredVideo> {
    let now = Timestamp::now();
    // Ten thousand videos at nine hours' distance reach ten years back; more of them stand closer.
    let minutes = 9 * 60 * FEW / count.max(FEW);
    (0..count)
        .map(|n| StoredVideo {
            published_at: now - SignedDuration::from_mins(minutes * n + 60),
            tie: n,
            format: Some(if n % 3 == 0 {
                Format::Short
            } else {
                Format::Long
            }),
            views: Some(((n * 7_919) % 90_000 + 100) as f64),
            interactions: Some(((n * 104_729) % 4_000) as f64),
            analytics_at: None,
            snapshots: Vec::new(),
        })
        .collect()
}

fn seconds(videos: &[StoredVideo]) -> f64 {
    let now = Timestamp::now();
    let began = Instant::now();
    let verdicts = channel::score(&MODEL, videos, now, Some(now));
    let took = began.elapsed().as_secs_f64();
    assert_eq!(verdicts.len(), videos.len(), "every video has a verdict");
    took
}
