//! Figures as people read them.

use super::runs::Runs;

/// The median, and between which runs it lies.
pub(super) fn range(runs: &Runs) -> String {
    if runs.count() < 2 {
        return short(runs.median());
    }
    format!(
        "{} ({}–{})",
        short(runs.median()),
        short(runs.min()),
        short(runs.max())
    )
}

/// Three digits that matter.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        v if !v.is_finite() => "–".to_owned(),
        v if v >= 1e6 => format!("{:.2} M", value / 1e6),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 || v == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
