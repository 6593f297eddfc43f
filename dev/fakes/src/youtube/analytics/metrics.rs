//! Which metrics there are, and the sums that they are made of.

use serde_json::{Value, json};

/// How much of a video was watched, by hundredths of its length; it goes with no other metric.
pub(super) const RETENTION: &str = "audienceWatchRatio";

pub(super) const METRICS: [&str; 11] = [
    "views",
    "engagedViews",
    "estimatedMinutesWatched",
    "averageViewDuration",
    "averageViewPercentage",
    "likes",
    "dislikes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
];

/// Metrics that this API does not give.
pub(super) const REFUSED_METRICS: [&str; 5] = [
    "videoThumbnailImpressions",
    "videoThumbnailImpressionsClickRate",
    "estimatedRevenue",
    "impressions",
    "cardImpressions",
];

/// Which sums a metric is made of; views come first and are always among them.
pub(super) fn sums_of(metric: &str) -> &'static [usize] {
    match metric {
        "engagedViews" => &[1],
        "estimatedMinutesWatched" | "averageViewDuration" | "averageViewPercentage" => &[2],
        "likes" | "dislikes" => &[3],
        "comments" => &[4],
        "shares" => &[5],
        "subscribersGained" => &[6],
        "subscribersLost" => &[7],
        _ => &[0],
    }
}

/// Sums of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Views, engaged views, seconds watched, likes, comments, shares, subscribers gained and lost.
    pub(super) metrics: [u64; 8],
    /// The seconds that a full watch of every view would have taken.
    pub(super) full_seconds: u64,
}

impl Sums {
    pub(super) fn views(&self) -> u64 {
        self.metrics[0]
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.metrics.iter_mut().zip(other.metrics) {
            *mine += theirs;
        }
        self.full_seconds += other.full_seconds;
    }

    pub(super) fn cell(&self, metric: &str) -> Value {
        let [
            views,
            engaged,
            seconds,
            likes,
            comments,
            shares,
            gained,
            lost,
        ] = self.metrics;
        match metric {
            "views" => json!(views),
            "engagedViews" => json!(engaged),
            "estimatedMinutesWatched" => json!(seconds / 60),
            "averageViewDuration" => json!(seconds.checked_div(views).unwrap_or(0)),
            "averageViewPercentage" => {
                let percent = seconds as f64 * 100.0 / self.full_seconds.max(1) as f64;
                json!((percent * 100.0).round() / 100.0)
            }
            "likes" => json!(likes),
            "dislikes" => json!(likes / 50),
            "comments" => json!(comments),
            "shares" => json!(shares),
            "subscribersGained" => json!(gained),
            "subscribersLost" => json!(lost),
            _ => Value::Null,
        }
    }
}
