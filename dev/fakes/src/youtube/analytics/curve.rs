//! How a video's totals spread over its days.

use std::sync::OnceLock;

use jiff::{Timestamp, civil::Date};

use super::metrics::Sums;
use crate::youtube::video::Video;
use crate::{hash, pacific_day};

/// How fast interest fades: the share of day `k` is proportional to `(k + 1)` to the power of minus this.
const FADE: f64 = 1.25;

/// Cumulative weights of the first `k` days.
fn weights() -> &'static [f64] {
    static WEIGHTS: OnceLock<Vec<f64>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let mut sum = 0.0;
        let mut list = Vec::with_capacity(12_001);
        list.push(0.0);
        for day in 0..12_000_u32 {
            sum += f64::from(day + 1).powf(-FADE);
            list.push(sum);
        }
        list
    })
}

/// A video as Analytics sees it.
pub(crate) struct Curve<'a> {
    pub(crate) video: &'a Video,
    /// The day on which it went public.
    pub(crate) from: Date,
    /// Days with figures.
    pub(crate) days: usize,
    pub(crate) totals: [u64; 8],
}

impl<'a> Curve<'a> {
    pub(crate) fn new(video: &'a Video, last: Date, now: Timestamp) -> Option<Self> {
        let from = pacific_day(video.public_at?);
        let days = days_between(from, last) + 1;
        let days = usize::try_from(days).ok().filter(|days| *days > 0)?;
        let counters = video.counters(now);
        let views = counters.views;
        let h = hash(&["curve", &video.id]);
        let watched = if video.short {
            60 + h % 50
        } else {
            25 + h % 45
        };
        let totals = [
            views,
            views * (62 + h / 100 % 33) / 100,
            views * video.seconds * watched / 100,
            counters.likes.unwrap_or(0),
            counters.comments.unwrap_or(0),
            views / (120 + h / 7 % 200),
            views / (90 + h / 11 % 300),
            views / (900 + h / 13 % 900),
        ];
        Some(Self {
            video,
            from,
            days,
            totals,
        })
    }

    /// The number of a day, counted from 0 when the video went public.
    pub(crate) fn offset(&self, day: Date) -> usize {
        let days = usize::try_from(days_between(self.from, day));
        days.unwrap_or(0).min(self.days)
    }

    /// How much of one total came in the days before the `k`-th.
    pub(crate) fn cumulative(&self, metric: usize) -> impl Fn(usize) -> u64 + use<> {
        let weights = weights();
        let days = self.days.min(weights.len() - 1);
        let total = self.totals[metric];
        let scale = total as f64 / weights[days];
        move |k| {
            if k >= days {
                total
            } else {
                (scale * weights[k]) as u64
            }
        }
    }

    /// The wanted figures from one day to another, both included.
    pub(crate) fn range(&self, start: Date, end: Date, wanted: &[usize]) -> Sums {
        let mut sums = Sums::default();
        if end < self.from {
            return sums;
        }
        let after = (self.offset(end) + 1).min(self.days);
        let first = self.offset(start).min(after);
        for &metric in wanted {
            let before = self.cumulative(metric);
            sums.metrics[metric] = before(after) - before(first);
        }
        sums.full_seconds = sums.metrics[0] * self.video.seconds;
        sums
    }
}

/// How many days later the second day is.
pub(crate) fn days_between(first: Date, second: Date) -> i32 {
    (second - first).get_days()
}

/// For the reach report: views of a video on one day.
pub(crate) fn views_on(video: &Video, day: Date, last: Date, now: Timestamp) -> u64 {
    let curve = Curve::new(video, last, now).filter(|curve| day >= curve.from);
    curve.map_or(0, |curve| curve.range(day, day, &[0]).metrics[0])
}
