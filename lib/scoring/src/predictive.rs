//! Version 2: where a target stands among the values that the channel's next video can be expected to have.

use std::f64::consts::PI;

use super::Component;
use super::model::{Assumed, Calibration, Model};
use super::statistics::{median, phi, phi_inverse, quantile};

/// How far the tenth and the ninetieth percentile of a normal distribution lie apart, in standard deviations.
const TENTH_TO_NINETIETH: f64 = 2.563_103_131_089_201;

/// Compares `target` with `baseline`, earliest first and not empty.
pub(super) fn compare(
    model: &Model,
    calibration: &Calibration,
    baseline: &[f64],
    target: f64,
    assumed: Assumed,
) -> Component {
    let n = baseline.len();
    let count = n as f64;
    let mut sorted = baseline.to_vec();
    let whole = median(&mut sorted);
    let newer = median(&mut baseline[n / 2..].to_vec());
    let m = whole + calibration.level_step * (newer - whole);

    let s_raw = (quantile(&sorted, 0.9) - quantile(&sorted, 0.1)) / TENTH_TO_NINETIETH;
    let measured = s_raw.max(calibration.least_spread * assumed.spread);
    let shrunk = ((count * measured.ln() + model.spread_prior * assumed.spread.ln())
        / (count + model.spread_prior))
        .exp();
    let counting = if assumed.is_count { (-m).exp() } else { 0.0 };
    let s = (shrunk * shrunk + counting).sqrt();

    let r = target - m;
    let widening = (1.0 + PI / (2.0 * count) + calibration.small_sample / (count * count)).sqrt();
    let place = bend(r / (s * widening), assumed.upper_tail);
    let own: f64 = sorted
        .iter()
        .map(|value| {
            kernel((place - bend((value - m) / s, assumed.upper_tail)) / calibration.kernel)
        })
        .sum();
    let share = (calibration.prior_videos * phi(place) + own) / (calibration.prior_videos + count);
    Component {
        n,
        m,
        s_raw,
        s,
        r,
        z: phi_inverse(share, model.z_clip),
    }
}

/// Draws in the upper tail, which is heavy: what lies `t` spreads above lies `t / (1 + tail · t)` standard deviations above.
fn bend(t: f64, upper_tail: f64) -> f64 {
    t / (1.0 + upper_tail * t.max(0.0))
}

/// Φ, without its arithmetic where it is 0 or 1 to twelve digits.
fn kernel(distance: f64) -> f64 {
    if distance > 7.1 {
        1.0
    } else if distance < -7.1 {
        0.0
    } else {
        phi(distance)
    }
}

#[cfg(test)]
mod tests;
