//! The arithmetic of scores, on one core and without a database.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use scoring::channel::StoredVideo;
use scoring::{Format, MODEL, channel};

use super::report::Report;
use super::row::{Bound, Row, Runs};

const RUNS: usize = 7;
const FEW: i64 = 10_000;
const MANY: i64 = 100_000;

pub(super) fn measure(report: &mut Report) {
    let (few, many) = (videos(FEW), videos(MANY));
    let [mut for_few, mut for_many, mut exponents]: [Runs; 3] = Default::default();
    for _ in 0..RUNS {
        let took = (seconds(&few), seconds(&many));
        for_few.push(took.0);
        for_many.push(took.1);
        exponents.push((took.1 / took.0).log10() / (MANY as f64 / FEW as f64).log10());
    }
    let rate = Runs::once(MANY as f64 / for_many.median());
    let row = |name: &str, unit, runs| Row::new(format!("scoring{name}"), unit, runs);
    report.add(row(" 10,000 videos, one core", "s", for_few).must(Bound::AtMost(1.0)));
    report.add(row(" 100,000 videos, one core", "s", for_many));
    report.add(row(": growth with the videos, exponent", "", exponents).must(Bound::AtMost(1.1)));
    let at_least = Bound::AtLeast(100_000.0);
    report.add(row(": scores a second, one core", "1/s", rate).must(at_least));
}

fn videos(count: i64) -> Vec<StoredVideo> {
    let now = Timestamp::now();
    // Ten thousand videos at nine hours' distance reach ten years back; more of them stand closer.
    let minutes = 9 * 60 * FEW / count.max(FEW);
    (0..count)
        .map(|n| StoredVideo {
            published_at: now - SignedDuration::from_mins(minutes * n + 60),
            tie: n,
            format: Some([Format::Short, Format::Long, Format::Long][n as usize % 3]),
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
