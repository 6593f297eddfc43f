//! Robust location and spread, and the normal distribution.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Model;

/// One comparison of a target with its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Component {
    /// How many baseline videos had the value.
    pub n: usize,
    /// Median of the baseline (of logarithms, except for retention).
    pub m: f64,
    /// Spread of the baseline as measured: scaled median absolute deviation.
    pub s_raw: f64,
    /// Spread after shrinking toward the assumed one.
    pub s: f64,
    /// The target's distance from the median.
    pub r: f64,
    /// The distance in spreads, with the median's own uncertainty counted in, clipped.
    pub z: f64,
}

impl Component {
    /// Compares `target` with `baseline`, both on the scale on which distances are meant; `None` below the model's
    /// smallest baseline. Sorts `baseline`, so the order in which it came cannot matter.
    pub(super) fn compare(
        model: &Model,
        baseline: &mut [f64],
        target: f64,
        assumed_spread: f64,
    ) -> Option<Self> {
        let n = baseline.len();
        if n < model.min_baseline {
            return None;
        }
        let m = median(baseline);
        let mut deviations: Vec<f64> = baseline.iter().map(|value| (value - m).abs()).collect();
        let s_raw = model.mad_scale * median(&mut deviations);
        let count = n as f64;
        let shrunk = (count * s_raw * s_raw + model.spread_prior * assumed_spread * assumed_spread)
            / (count + model.spread_prior);
        let s = shrunk.sqrt().max(model.spread_floor);
        let r = target - m;
        let z = r / (s * (1.0 + std::f64::consts::PI / (2.0 * count)).sqrt());
        Some(Self {
            n,
            m,
            s_raw,
            s,
            r,
            z: z.clamp(-model.z_clip, model.z_clip),
        })
    }
}

/// Sorts `values` and returns their median; of an even number the mean of the middle two. NaN without values.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// Φ: the share of a standard normal distribution below `z`, exact to the last digits of an `f64`.
pub fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phi_agrees_with_published_values() {
        for (z, expected) in [
            (0.0, 0.5),
            (0.674_489_750_196_081_7, 0.75),
            (1.0, 0.841_344_746_068_542_9),
            (1.644_853_626_951_472_7, 0.95),
            (-1.959_963_984_540_054, 0.025),
            (3.0, 0.998_650_101_968_369_9),
            (-3.0, 0.001_349_898_031_630_094_6),
        ] {
            assert!((phi(z) - expected).abs() < 1e-15, "Φ({z}) = {}", phi(z));
        }
    }

    #[test]
    fn medians_of_odd_even_and_no_values() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }
}
