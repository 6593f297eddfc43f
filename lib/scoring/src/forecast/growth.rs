//! How much a video still grows, from how old it is.

use super::curve::{Count, Curve};

/// Growth of ln(1 + views) from a first count at age `a` until hour `until_h`, as a line in ln(until_h / a).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Where it starts.
    pub start: f64,
    /// What each e-fold of age adds.
    pub slope: f64,
}

impl Line {
    /// The growth; views do not fall.
    pub fn growth(self, first: Count, until_h: f64) -> f64 {
        (self.start + self.slope * (until_h / first.age_h).ln()).max(0.0)
    }
}

/// One in ten videos grows less than the first, half less than the second, nine in ten less than the third: fitted on public
/// series by least absolute (tilted) deviations.
pub const UNTIL_DAY_7: [Line; 3] = [
    Line {
        start: -0.187,
        slope: 0.255,
    },
    Line {
        start: -0.986,
        slope: 0.815,
    },
    Line {
        start: -0.978,
        slope: 1.269,
    },
];

/// How much more (or less) a curve grew until then than the middle line says.
pub fn surprise(curve: &Curve, line: Line, until_h: f64) -> Option<f64> {
    let first = curve.first();
    let grown = curve.at(until_h)?.ln_1p() - first.views.ln_1p();
    Some(grown - line.growth(first, until_h))
}
