//! A target against its baseline, as the model's version has it.

use std::f64::consts::PI;

use super::model::{Assumed, Model};
use super::statistics::median;
use super::{Component, predictive};

/// Compares `target` with `baseline` (earliest first), both on the scale on which distances are meant; `None` below the
/// model's smallest baseline.
pub(super) fn compare(
    model: &Model,
    baseline: &[f64],
    target: f64,
    assumed: Assumed,
) -> Option<Component> {
    if baseline.len() < model.min_baseline {
        return None;
    }
    Some(match &model.calibration {
        Some(calibration) => predictive::compare(model, calibration, baseline, target, assumed),
        None => in_spreads(model, baseline, target, assumed.spread),
    })
}

/// Version 1: the distance from the median in spreads, as if it were normal, with the median's own uncertainty counted in.
fn in_spreads(model: &Model, baseline: &[f64], target: f64, assumed_spread: f64) -> Component {
    let mut values = baseline.to_vec();
    let m = median(&mut values);
    let mut deviations: Vec<f64> = values.iter().map(|value| (value - m).abs()).collect();
    let s_raw = model.mad_scale * median(&mut deviations);
    let count = baseline.len() as f64;
    let shrunk = (count * s_raw * s_raw + model.spread_prior * assumed_spread * assumed_spread)
        / (count + model.spread_prior);
    let s = shrunk.sqrt().max(model.spread_floor);
    let r = target - m;
    let z = r / (s * (1.0 + PI / (2.0 * count)).sqrt());
    Component {
        n: baseline.len(),
        m,
        s_raw,
        s,
        r,
        z: z.clamp(-model.z_clip, model.z_clip),
    }
}
