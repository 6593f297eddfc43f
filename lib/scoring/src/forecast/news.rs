//! What a forecast is worth telling.

use super::interval::Forecast;
use crate::statistics::quantile;

/// With fewer earlier videos at day 7 nothing is told.
const LEAST: usize = 5;

/// News about a young video; a caller tells each at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nine in ten such videos end above three quarters of the channel's.
    BreakingOut,
    /// Nine in ten such videos end below three quarters of the channel's.
    Lagging,
}

/// Compares a forecast with what the channel's earlier videos had at that day.
pub fn news(forecast: &Forecast, earlier: &[f64]) -> Option<News> {
    if earlier.len() < LEAST {
        return None;
    }
    let mut sorted = earlier.to_vec();
    sorted.sort_by(f64::total_cmp);
    if forecast.from > quantile(&sorted, 0.75) {
        Some(News::BreakingOut)
    } else if forecast.to < quantile(&sorted, 0.25) {
        Some(News::Lagging)
    } else {
        None
    }
}
