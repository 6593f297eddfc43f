//! The components' z in one number.

use super::Model;

/// The z of all components together, of reach, velocity, engagement and retention in this order: their mean by weight, where
/// what is missing counts for nothing. Version 2 divides by how far such a mean of components that go together spreads, so
/// that it spreads as every z does.
pub(super) fn z_total(model: &Model, parts: [Option<f64>; 4]) -> f64 {
    let weights = &model.weights;
    let weights = [
        weights.reach,
        weights.velocity,
        weights.engagement,
        weights.retention,
    ];
    let present = |place: usize| parts[place].map_or(0.0, |_| weights[place]);
    let sum: f64 = (0..4)
        .map(|place| present(place) * parts[place].unwrap_or(0.0))
        .sum();
    let Some(calibration) = &model.calibration else {
        return sum / (0..4).map(present).sum::<f64>();
    };
    let together = &calibration.correlations;
    let pairs = [
        (0, 1, together.reach_velocity),
        (0, 2, together.reach_engagement),
        (1, 2, together.velocity_engagement),
    ];
    let variance = (0..4).map(|place| present(place).powi(2)).sum::<f64>()
        + pairs
            .iter()
            .map(|&(one, other, correlation)| 2.0 * correlation * present(one) * present(other))
            .sum::<f64>();
    (sum / variance.sqrt()).clamp(-model.z_clip, model.z_clip)
}
