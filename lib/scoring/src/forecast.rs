//! Where a young video will be at day 7 and day 28, from what was counted on its first day (docs/scoring.md).

mod curve;
pub mod growth;
mod interval;
mod news;
#[cfg(test)]
mod tests;

pub use curve::{Count, Curve, EARLY_H, NoForecast};
pub use interval::Forecast;
pub use news::{News, news};

use growth::{Line, UNTIL_DAY_7, surprise};

/// Day 7, in hours.
pub const DAY_7_H: f64 = 168.0;

/// Day 28, in hours.
pub const DAY_28_H: f64 = 672.0;

/// How many of the channel's own curves the public ones count for.
const PRIOR_CURVES: f64 = 30.0;

/// With fewer earlier videos there is no forecast.
const LEAST_VIDEOS: usize = 3;

/// With fewer curves of its own a channel has no forecast for day 28.
const LEAST_CURVES: usize = 10;

/// The forecast for day 7 of a video, whose channel has published so many `earlier` videos of the format, by the channel's
/// own curves and the public ones.
///
/// # Errors
/// Why there is none.
pub fn day_7(counts: &[Count], own: &[Curve], earlier: usize) -> Result<Forecast, NoForecast> {
    by_lines(&UNTIL_DAY_7, counts, own, earlier)
}

/// [`day_7`] by other lines.
///
/// # Errors
/// Why there is none.
pub fn by_lines(
    lines: &[Line; 3],
    counts: &[Count],
    own: &[Curve],
    earlier: usize,
) -> Result<Forecast, NoForecast> {
    if earlier < LEAST_VIDEOS {
        return Err(NoForecast::TooFewVideos { n: earlier });
    }
    let curve = Curve::read(counts)?;
    let first = curve.first();
    let mut surprises: Vec<f64> = own
        .iter()
        .filter_map(|curve| surprise(curve, lines[1], DAY_7_H))
        .collect();
    let curves = surprises.len();
    let shift = match curves {
        0 => 0.0,
        n => n as f64 / (n as f64 + PRIOR_CURVES) * crate::statistics::median(&mut surprises),
    };
    let growths = lines.map(|line| (line.growth(first, DAY_7_H) + shift).max(0.0));
    Ok(Forecast::of(first, growths, curves))
}

/// The forecast for day 28, by the channel's own curves alone: its first-day counts grow as theirs did. With ten curves the
/// lowest and the highest bound nine in eleven further ones, whatever their distribution.
///
/// # Errors
/// Why there is none.
pub fn day_28(counts: &[Count], own: &[Curve]) -> Result<Forecast, NoForecast> {
    let first = Curve::read(counts)?.first();
    let middle = UNTIL_DAY_7[1];
    let mut surprises: Vec<f64> = own
        .iter()
        .filter_map(|curve| surprise(curve, middle, DAY_28_H))
        .collect();
    let n = surprises.len();
    if n < LEAST_CURVES {
        return Err(NoForecast::TooFewCurves { n });
    }
    let usual = crate::statistics::median(&mut surprises);
    let tenth = (n + 1) / 10;
    let growth = middle.growth(first, DAY_28_H);
    let growths = [surprises[tenth - 1], usual, surprises[n - tenth]];
    Ok(Forecast::of(
        first,
        growths.map(|surprise| (growth + surprise).max(0.0)),
        n,
    ))
}
