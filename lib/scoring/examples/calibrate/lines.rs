//! Straight lines through growths.

use scoring::forecast::growth::Line;

/// The line below which `share` of the growths lie, each given with its age: least tilted deviations, by weighted squares.
pub(crate) fn tilted(points: &[(f64, f64)], share: f64) -> Line {
    let mut line = squares(points, |_| 1.0);
    for _ in 0..200 {
        let weight = |miss: f64| {
            let side = if miss > 0.0 { share } else { 1.0 - share };
            side / miss.abs().max(1e-3)
        };
        line = squares(points, |(age, growth)| {
            weight(growth - line.start - line.slope * age)
        });
    }
    line
}

/// The line of least squares: Szabo and Huberman's log-linear model, where the first count may be of any age.
pub(crate) fn log_linear(points: &[(f64, f64)]) -> Line {
    squares(points, |_| 1.0)
}

fn squares(points: &[(f64, f64)], weight: impl Fn((f64, f64)) -> f64) -> Line {
    let [mut w, mut wx, mut wy, mut wxx, mut wxy] = [0.0; 5];
    for &(x, y) in points {
        let one = weight((x, y));
        w += one;
        wx += one * x;
        wy += one * y;
        wxx += one * x * x;
        wxy += one * x * y;
    }
    let slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
    Line {
        start: (wy - slope * wx) / w,
        slope,
    }
}
