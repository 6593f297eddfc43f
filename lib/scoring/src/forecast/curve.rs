//! A video's counter over its first weeks, as far as it can be trusted.

/// The oldest first count that a forecast starts from, in hours.
pub const EARLY_H: f64 = 24.0;

/// Two counts are interpolated when the older age is at most this many times the younger.
const MAX_AGE_RATIO: f64 = 2.0;

/// Public views at an age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    /// Hours since publication.
    pub age_h: f64,
    /// Views until then.
    pub views: f64,
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoForecast {
    /// Nothing was counted on the first day.
    #[error("nothing was counted within 24 hours of publication")]
    NoEarlyCount,
    /// A counter is lower than it was.
    #[error("the counter fell, so what was counted first does not stand")]
    FallingCounter,
    /// A count from before the publication, or two counts at one moment.
    #[error("counts are from before the publication, or differ at one moment")]
    ClocksDisagree,
    /// Fewer earlier videos than a comparison needs.
    #[error("the channel has {n} of the 3 earlier videos needed")]
    TooFewVideos {
        /// How many there are.
        n: usize,
    },
    /// Fewer curves of the channel's own than the day needs.
    #[error("the channel has {n} of the 10 curves of 28 days needed")]
    TooFewCurves {
        /// How many there are.
        n: usize,
    },
}

/// A curve that starts on the first day and never falls.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    counts: Vec<Count>,
}

impl Curve {
    /// Reads counts in any order. The same count twice is one.
    ///
    /// # Errors
    /// What makes them unusable.
    pub fn read(counts: &[Count]) -> Result<Self, NoForecast> {
        let is_sound =
            |count: &Count| count.age_h > 0.0 && count.age_h.is_finite() && count.views >= 0.0;
        if !counts.iter().all(is_sound) {
            return Err(NoForecast::ClocksDisagree);
        }
        let mut counts = counts.to_vec();
        counts.sort_by(|a, b| a.age_h.total_cmp(&b.age_h));
        counts.dedup();
        if counts.windows(2).any(|pair| pair[0].age_h == pair[1].age_h) {
            return Err(NoForecast::ClocksDisagree);
        }
        if counts.windows(2).any(|pair| pair[0].views > pair[1].views) {
            return Err(NoForecast::FallingCounter);
        }
        match counts.first() {
            Some(first) if first.age_h <= EARLY_H => Ok(Self { counts }),
            _ => Err(NoForecast::NoEarlyCount),
        }
    }

    /// What was counted first.
    pub fn first(&self) -> Count {
        self.counts[0]
    }

    /// Views at an age, linear in (ln age, ln(1 + views)) between two counts; `None` where days are missing.
    pub fn at(&self, age_h: f64) -> Option<f64> {
        let after = self.counts.partition_point(|count| count.age_h < age_h);
        let high = self.counts.get(after)?;
        if high.age_h == age_h {
            return Some(high.views);
        }
        let low = self.counts.get(after.checked_sub(1)?)?;
        (high.age_h <= MAX_AGE_RATIO * low.age_h).then(|| {
            let pair = [low, high].map(|count| (count.age_h, count.views));
            crate::checkpoint::interpolate(pair[0], pair[1], age_h)
        })
    }
}
