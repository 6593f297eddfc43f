//! A number of views with the range around it.

use super::curve::Count;

/// Views at a day to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// As many videos end above it as below.
    pub views: f64,
    /// One in ten ends below.
    pub from: f64,
    /// One in ten ends above.
    pub to: f64,
    /// How many of the channel's own curves it rests on, beside the public ones.
    pub curves: usize,
}

impl Forecast {
    /// What a first count comes to by low, middle and high growth of ln(1 + views).
    pub(super) fn of(first: Count, [low, middle, high]: [f64; 3], curves: usize) -> Self {
        let after = |growth: f64| (first.views.ln_1p() + growth).exp_m1();
        Self {
            views: after(middle),
            from: after(low),
            to: after(high),
            curves,
        }
    }
}
