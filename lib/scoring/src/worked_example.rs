//! The channel that the vectors of docs/scoring.md are computed from.

use crate::Measures;

/// Views of the baseline, from the earliest.
pub(crate) const VIEWS: [f64; 10] = [
    4200., 5100., 3900., 6100., 4800., 5500., 30500., 4500., 5000., 3600.,
];
const GAINED: [f64; 10] = [
    900., 1200., 800., 1500., 1000., 1300., 15000., 950., 1100., 700.,
];
const RATES: [f64; 10] = [
    0.041, 0.043, 0.038, 0.045, 0.042, 0.040, 0.030, 0.044, 0.042, 0.046,
];
const VIEWED: [f64; 10] = [41.0, 43.5, 39.0, 44.0, 42.0, 40.5, 36.0, 43.0, 42.5, 45.0];

/// The baseline.
pub(crate) fn cohort() -> Vec<Measures> {
    (0..10)
        .map(|i| Measures {
            views: VIEWS[i],
            gained: Some(GAINED[i]),
            interactions: Some(RATES[i] * VIEWS[i]),
            viewed_percent: Some(VIEWED[i]),
        })
        .collect()
}

/// The video that is scored.
pub(crate) fn target() -> Measures {
    Measures {
        views: 12_400.0,
        gained: Some(4100.0),
        interactions: Some(708.0),
        viewed_percent: Some(46.0),
    }
}
