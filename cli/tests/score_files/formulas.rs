//! Both versions of the model, written from docs/scoring.md and its first version's text alone.

use std::f64::consts::PI;

/// What a component assumes: its spread by the first version, by the second, the second's upper tail, and whether it counts.
pub(crate) struct Assumed(f64, f64, f64, bool);

pub(crate) const REACH: Assumed = Assumed(0.70, 1.0, 0.15, true);
pub(crate) const ENGAGEMENT: Assumed = Assumed(0.35, 0.35, 0.03, false);

/// Level, spread, distance, z of a target against its baseline, from the earliest.
pub(crate) fn compare(version: u8, baseline: &[f64], target: f64, assumed: &Assumed) -> [f64; 4] {
    if version == 1 {
        first(baseline, target, assumed.0)
    } else {
        second(baseline, target, assumed)
    }
}

/// What reach and engagement come to.
pub(crate) fn together(version: u8, reach: f64, engagement: Option<f64>) -> f64 {
    let Some(engagement) = engagement else {
        return reach;
    };
    let sum = 0.55 * reach + 0.10 * engagement;
    if version == 1 {
        return sum / 0.65;
    }
    let variance: f64 = 0.55 * 0.55 + 0.10 * 0.10 - 2.0 * 0.43 * 0.55 * 0.10;
    (sum / variance.sqrt()).clamp(-3.0, 3.0)
}

/// The multiplier from which a video may be an outlier.
pub(crate) fn outlier_from(version: u8) -> f64 {
    if version == 1 { 2.0 } else { 1.5 }
}

fn first(baseline: &[f64], target: f64, assumed: f64) -> [f64; 4] {
    let n = baseline.len() as f64;
    let m = median(baseline);
    let deviations: Vec<f64> = baseline.iter().map(|value| (value - m).abs()).collect();
    let raw = 1.4826 * median(&deviations);
    let s = f64::max(
        0.10,
        ((n * raw * raw + 5.0 * assumed * assumed) / (n + 5.0)).sqrt(),
    );
    let r = target - m;
    let z = r / (s * (1.0 + PI / (2.0 * n)).sqrt());
    [m, s, r, z.clamp(-3.0, 3.0)]
}

fn second(baseline: &[f64], target: f64, &Assumed(_, s0, tail, counts): &Assumed) -> [f64; 4] {
    let n = baseline.len() as f64;
    let newest = baseline.len().div_ceil(2);
    let m = 0.5 * median(baseline) + 0.5 * median(&baseline[baseline.len() - newest..]);
    let raw = (quantile(baseline, 0.9) - quantile(baseline, 0.1)) / 2.563_103_131_089_201;
    let shrunk = (raw.max(0.1 * s0).powf(n) * s0.powi(5)).powf(1.0 / (n + 5.0));
    let s = (shrunk * shrunk + if counts { (-m).exp() } else { 0.0 }).sqrt();
    let g = |t: f64| if t > 0.0 { t / (1.0 + tail * t) } else { t };
    let u = g((target - m) / (s * (1.0 + PI / (2.0 * n) + 4.0 / (n * n)).sqrt()));
    let own: f64 = baseline
        .iter()
        .map(|value| phi((u - g((value - m) / s)) / 0.15))
        .sum();
    let share = (20.0 * phi(u) + own) / (20.0 + n);
    [m, s, target - m, phi_inverse(share)]
}

pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    below + (place - place.floor()) * (above - below)
}

/// Φ by Simpson's rule; beyond 9 nothing is left.
pub(crate) fn phi(z: f64) -> f64 {
    let z = z.clamp(-9.0, 9.0);
    let steps = 2000;
    let width = z / f64::from(steps);
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
    let sum: f64 = (0..=steps)
        .map(|step| {
            let weight = match step {
                0 => 1.0,
                last if last == steps => 1.0,
                odd if odd % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * density(f64::from(step) * width)
        })
        .sum();
    0.5 + sum * width / 3.0
}

/// Φ⁻¹ within ±3, by halving.
fn phi_inverse(share: f64) -> f64 {
    let (mut low, mut high) = (-3.0, 3.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if phi(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}
