//! Response times: percentiles from a histogram.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Response times in milliseconds. The percentiles come from a histogram and are exact to a bucket's width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(from = "Latencies")]
pub struct ResponseTime {
    /// Mean; null without requests.
    pub average: Option<f64>,
    /// Half were faster.
    pub p50: Option<f64>,
    /// Nine of ten were faster.
    pub p90: Option<f64>,
    /// Nineteen of twenty were faster.
    pub p95: Option<f64>,
    /// Ninety-nine of a hundred were faster.
    pub p99: Option<f64>,
    /// Requests by latency.
    pub histogram: Vec<Bucket>,
}

/// A bucket of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Bucket {
    /// Requests faster than this many milliseconds and no faster than the bucket before; null for the last one.
    pub below_ms: Option<u64>,
    /// How many.
    pub requests: u64,
}

/// Response times as the database sums them up.
#[derive(Deserialize)]
struct Latencies {
    average: Option<f64>,
    bounds_ms: Vec<u64>,
    histogram: Vec<u64>,
}

impl From<Latencies> for ResponseTime {
    fn from(sums: Latencies) -> Self {
        let at = |share| percentile(&sums.bounds_ms, &sums.histogram, share);
        let bounds = sums.bounds_ms.iter().copied().map(Some).chain([None]);
        let buckets = sums.histogram.iter().zip(bounds);
        Self {
            average: sums.average,
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            histogram: buckets
                .map(|(&requests, below_ms)| Bucket { below_ms, requests })
                .collect(),
        }
    }
}

/// The value below which `share` of all lie, taking each bucket's to be spread evenly over its width.
fn percentile(bounds: &[u64], histogram: &[u64], share: f64) -> Option<f64> {
    let wanted = float(histogram.iter().sum()) * share;
    let mut below = 0.0;
    for (n, count) in histogram.iter().copied().map(float).enumerate() {
        if count > 0.0 && below + count >= wanted {
            let from = if n == 0 {
                0.0
            } else {
                float(*bounds.get(n - 1)?)
            };
            // Of the last bucket only its lower end is known.
            let to = bounds.get(n).copied().map_or(from, float);
            let within = ((wanted - below) / count).clamp(0.0, 1.0);
            return Some(((from + (to - from) * within) * 10.0).round() / 10.0);
        }
        below += count;
    }
    None
}

/// A count, a time or an amount as a float.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts, times and micros of a day are far below 2^52"
)]
pub(super) fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_where_the_counts_do() {
        let bounds = [10, 100, 1000];
        assert_eq!(percentile(&bounds, &[], 0.5), None);
        assert_eq!(percentile(&bounds, &[0, 0, 0, 0], 0.5), None);
        assert_eq!(percentile(&bounds, &[100, 0, 0, 0], 0.5), Some(5.0));
        assert_eq!(percentile(&bounds, &[50, 50, 0, 0], 0.5), Some(10.0));
        assert_eq!(percentile(&bounds, &[50, 50, 0, 0], 0.75), Some(55.0));
        assert_eq!(percentile(&bounds, &[99, 0, 0, 1], 0.99), Some(10.0));
        assert_eq!(percentile(&bounds, &[0, 0, 0, 7], 0.5), Some(1000.0));
    }
}
