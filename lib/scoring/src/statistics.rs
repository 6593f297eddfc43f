//! Medians, quantiles and the normal distribution.

use std::f64::consts::{PI, SQRT_2};

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

/// The value below which `share` of the values lies, linear between neighbours: place `share · (n − 1)`, counted from 0.
/// `sorted` holds at least one value, smallest first.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor();
    let low = sorted[below as usize];
    let high = sorted[(below as usize + 1).min(sorted.len() - 1)];
    low + (place - below) * (high - low)
}

/// Φ: the share of a standard normal distribution below `z`, exact to the last digits of an `f64`.
pub fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// Φ⁻¹, but no further from 0 than `most`: Newton's method, which comes from the side of 0 and never passes the root.
pub(super) fn phi_inverse(share: f64, most: f64) -> f64 {
    if share < 0.5 {
        return -phi_inverse(1.0 - share, most);
    }
    if share >= phi(most) {
        return most;
    }
    let mut z = 0.0_f64;
    for _ in 0..50 {
        let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
        let step = (share - phi(z)) / density;
        z += step;
        if step.abs() < 1e-13 {
            break;
        }
    }
    z
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
            let back = phi_inverse(expected, 4.0);
            assert!((back - z).abs() < 1e-12, "Φ⁻¹({expected}) = {back}");
        }
        assert_eq!((phi_inverse(1.0, 3.0), phi_inverse(0.0, 3.0)), (3.0, -3.0));
    }

    #[test]
    fn medians_of_odd_even_and_no_values() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 1.0), 4.0);
        assert_eq!(quantile(&[7.0], 0.9), 7.0);
    }
}
