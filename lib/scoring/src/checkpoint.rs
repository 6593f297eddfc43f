//! Values at one age: what was counted, how it was counted, and interpolation between two snapshots.

use jiff::{Timestamp, civil::date, tz::TimeZone};

use super::{Format, Model, named::named};

named! {
    /// What a number of views counts. Numbers of different bases are never compared.
    Basis {
        /// Totals of matured videos, whatever their age.
        Lifetime "lifetime",
        /// The public counter, at one age.
        PublicViews "public_views",
        /// `engagedViews` of YouTube Analytics, at one age: what a view meant before August 2026.
        EngagedViews "engaged_views",
    }
}

impl Basis {
    /// By how much the source of such numbers lags behind, in hours.
    pub fn lag_h(self, model: &Model) -> f64 {
        match self {
            Self::EngagedViews => model.engaged_views_lag_h,
            Self::Lifetime | Self::PublicViews => 0.0,
        }
    }
}

named! {
    /// A period in which YouTube counted public views in one way.
    Epoch {
        /// Before the first change that concerns the format. `engaged_views` stay in it for good.
        E0 "E0",
        /// Shorts from 2025-03-31: each start and replay counts.
        E1 "E1",
        /// Every format after August 2026: autoplay and hover count.
        E2 "E2",
    }
}

impl Epoch {
    /// The way in which a video's views until `observed_at` were counted; `None` when it cannot be told or changed on
    /// the way, so that the number must not be compared.
    ///
    /// The switch of August 2026 is dated differently by YouTube (27 August) and by observers (24 August): what was
    /// observed or published from the 24th to the end of the 27th (UTC) is unusable. A video of unknown format may be
    /// a Short, so the boundaries of Shorts apply to it.
    pub fn of(
        basis: Basis,
        format: Option<Format>,
        published_at: Timestamp,
        observed_at: Timestamp,
    ) -> Option<Self> {
        if basis != Basis::PublicViews {
            return Some(Self::E0);
        }
        let moment = |time: Timestamp| {
            let [shorts, doubtful, everyone] = boundaries();
            if time >= everyone {
                Some(Self::E2)
            } else if time >= doubtful {
                None
            } else if time >= shorts && matches!(format, Some(Format::Short) | None) {
                Some(Self::E1)
            } else {
                Some(Self::E0)
            }
        };
        let observed = moment(observed_at)?;
        (moment(published_at)? == observed).then_some(observed)
    }
}

/// 2025-03-31, 2026-08-24 and 2026-08-28, each at 00:00 UTC.
fn boundaries() -> [Timestamp; 3] {
    [date(2025, 3, 31), date(2026, 8, 24), date(2026, 8, 28)].map(|day| {
        day.to_zoned(TimeZone::UTC)
            .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    })
}

/// Counters of one video at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapshot {
    /// When they were read.
    pub observed_at: Timestamp,
    /// What `views` counts.
    pub basis: Basis,
    /// Views until then.
    pub views: f64,
    /// Likes and comments until then; `None` when either is hidden.
    pub interactions: Option<f64>,
    /// Average percentage viewed until then.
    pub viewed_percent: Option<f64>,
}

/// A video's values at one checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// How the views were counted.
    pub epoch: Epoch,
    /// When the value became known: the later of the snapshots it was taken from.
    pub known_at: Timestamp,
    /// Views.
    pub views: f64,
    /// Likes and comments.
    pub interactions: Option<f64>,
    /// Average percentage viewed.
    pub viewed_percent: Option<f64>,
}

/// Snapshots of one video on one basis, by age.
#[derive(Clone, Debug, Default)]
pub struct Series {
    points: Vec<(f64, Epoch, Snapshot)>,
}

impl Series {
    /// Sorts the snapshots of `basis`. What was read before publication or counted in mixed ways is dropped; of two
    /// at the same moment the later given one stands.
    pub fn new(
        basis: Basis,
        format: Option<Format>,
        published_at: Timestamp,
        snapshots: &[Snapshot],
    ) -> Self {
        let mut points: Vec<(f64, Epoch, Snapshot)> = snapshots
            .iter()
            .filter(|snapshot| snapshot.basis == basis && snapshot.observed_at > published_at)
            .filter_map(|snapshot| {
                let epoch = Epoch::of(basis, format, published_at, snapshot.observed_at)?;
                Some((age_h(published_at, snapshot.observed_at), epoch, *snapshot))
            })
            .collect();
        points.reverse();
        points.sort_by_key(|(.., snapshot)| snapshot.observed_at);
        points.dedup_by_key(|(.., snapshot)| snapshot.observed_at);
        Self { points }
    }

    /// The values at `checkpoint_h` hours, from the two surrounding snapshots: linear in (ln age, ln(1 + count)), and
    /// linear in ln age for the percentage. `None` when the snapshots are too far apart, when there is none on one
    /// side, or when they were counted differently. There is no extrapolation.
    pub fn at(&self, model: &Model, checkpoint_h: u32) -> Option<Value> {
        let age = f64::from(checkpoint_h);
        let after = self.points.partition_point(|(point, ..)| *point < age);
        let &(high, epoch, upper) = self.points.get(after)?;
        if high == age {
            return Some(Value {
                epoch,
                known_at: upper.observed_at,
                views: upper.views,
                interactions: upper.interactions,
                viewed_percent: upper.viewed_percent,
            });
        }
        let &(low, lower_epoch, lower) = self.points.get(after.checked_sub(1)?)?;
        if lower_epoch != epoch || high > model.max_age_ratio * low {
            return None;
        }
        let count = |from: f64, to: f64| interpolate((low, from), (high, to), age);
        Some(Value {
            epoch,
            known_at: upper.observed_at,
            views: count(lower.views, upper.views),
            interactions: lower
                .interactions
                .zip(upper.interactions)
                .map(|(from, to)| count(from, to)),
            viewed_percent: lower
                .viewed_percent
                .zip(upper.viewed_percent)
                .map(|(from, to)| from + (to - from) * share(low, high, age)),
        })
    }
}

/// Age in hours.
pub fn age_h(published_at: Timestamp, observed_at: Timestamp) -> f64 {
    observed_at.duration_since(published_at).as_secs_f64() / 3600.0
}

/// A count at `age` between two known ones, each given as (age, count): linear in (ln age, ln(1 + count)).
pub fn interpolate(low: (f64, f64), high: (f64, f64), age: f64) -> f64 {
    let (from, to) = (low.1.ln_1p(), high.1.ln_1p());
    (from + (to - from) * share(low.0, high.0, age)).exp_m1()
}

/// How far `age` lies between two ages, on the logarithmic scale.
fn share(low: f64, high: f64, age: f64) -> f64 {
    (age / low).ln() / (high / low).ln()
}

#[cfg(test)]
mod tests;
