//! Arithmetic of the metrics.

/// A count, a time or an amount as a float.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts, times and micros of a day are far below 2^52"
)]
pub(super) fn float(value: u64) -> f64 {
    value as f64
}

/// None of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

/// A mean to one decimal place.
pub(super) fn average(sum: u64, count: u64) -> Option<f64> {
    ratio(sum, count).map(tenths)
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// The value below which `share` of all lie, taking each bucket's to be spread evenly over its width.
pub(super) fn percentile(bounds: &[u64], histogram: &[u64], share: f64) -> Option<f64> {
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
            return Some(tenths(from + (to - from) * within));
        }
        below += count;
    }
    None
}

/// Millionths of a dollar as dollars.
pub(super) fn dollars(micros: u64) -> f64 {
    float(micros) / 1e6
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
