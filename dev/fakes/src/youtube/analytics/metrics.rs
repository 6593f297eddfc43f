//! Which metrics there are, the sums that they are made of, and the table that a report answers with.

use serde_json::{Value, json};

/// How much of a video was watched, by hundredths of its length; it goes with no other metric.
pub(crate) const RETENTION: &str = "audienceWatchRatio";

/// Each metric with the sum that it is made of; views come first and are always among the sums.
const METRICS: [(&str, usize); 11] = [
    ("views", 0),
    ("engagedViews", 1),
    ("estimatedMinutesWatched", 2),
    ("averageViewDuration", 2),
    ("averageViewPercentage", 2),
    ("likes", 3),
    ("dislikes", 3),
    ("comments", 4),
    ("shares", 5),
    ("subscribersGained", 6),
    ("subscribersLost", 7),
];

/// Metrics that this API does not give.
pub(crate) const REFUSED_METRICS: [&str; 5] = [
    "videoThumbnailImpressions",
    "videoThumbnailImpressionsClickRate",
    "estimatedRevenue",
    "impressions",
    "cardImpressions",
];

/// The number of the sum that a metric is made of; none of an unknown one.
pub(crate) fn sum_of(metric: &str) -> Option<usize> {
    let found = METRICS.iter().find(|(name, _)| *name == metric);
    found.map(|(_, sum)| *sum)
}

/// Sums of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    /// Views, engaged views, seconds watched, likes, comments, shares, subscribers gained and lost.
    pub(crate) metrics: [u64; 8],
    /// The seconds that a full watch of every view would have taken.
    pub(crate) full_seconds: u64,
}

impl Sums {
    pub(crate) fn views(&self) -> u64 {
        self.metrics[0]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.metrics.iter_mut().zip(other.metrics) {
            *mine += theirs;
        }
        self.full_seconds += other.full_seconds;
    }

    pub(crate) fn cell(&self, metric: &str) -> Value {
        let sum = sum_of(metric).map(|sum| self.metrics[sum]);
        let n = sum.unwrap_or(0);
        match metric {
            "estimatedMinutesWatched" => json!(n / 60),
            "averageViewDuration" => json!(n.checked_div(self.views()).unwrap_or(0)),
            "averageViewPercentage" => {
                let percent = n as f64 * 100.0 / self.full_seconds.max(1) as f64;
                json!((percent * 100.0).round() / 100.0)
            }
            "dislikes" => json!(n / 50),
            _ => json!(sum),
        }
    }
}

/// The values of the dimensions, and the sums.
pub(crate) type Row = (Vec<String>, Sums);

pub(crate) fn table(dimensions: &[&str], metrics: &[&str], rows: Vec<Value>) -> Value {
    let header = |name: &str, column: &str, data: &str| json!({"name": name, "columnType": column, "dataType": data});
    let metric = |name: &&str| match *name {
        "averageViewPercentage" | RETENTION => header(name, "METRIC", "FLOAT"),
        _ => header(name, "METRIC", "INTEGER"),
    };
    let dimensions = dimensions
        .iter()
        .map(|name| header(name, "DIMENSION", "STRING"));
    let headers: Vec<Value> = dimensions.chain(metrics.iter().map(metric)).collect();
    let rows = (!rows.is_empty()).then_some(rows);
    json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows})
}
