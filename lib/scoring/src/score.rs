//! One target against one baseline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Model,
    statistics::{Component, median, phi},
};

/// What kind of video it is. Videos are compared within one format only; it is taken from YouTube's own
/// `creatorContentType`, never guessed from the duration.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A Short.
    Short,
    /// An ordinary video.
    Long,
    /// A live stream or its recording.
    Live,
}

impl Format {
    /// The name used in files, in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Live => "live",
        }
    }
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Short, Self::Long, Self::Live]
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or(UnknownFormat)
    }
}

/// The text names no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a format is `short`, `long` or `live`")]
pub struct UnknownFormat;

/// What one video had at the age at which it is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Views, on the comparison's basis.
    pub views: f64,
    /// Views gained since the checkpoint before; `None` without one, and always for totals.
    pub gained: Option<f64>,
    /// Likes and comments together; `None` when either is hidden.
    pub interactions: Option<f64>,
    /// Average percentage viewed.
    pub viewed_percent: Option<f64>,
}

impl Measures {
    /// Likes and comments per view, where that has a logarithm.
    fn engagement_rate(&self) -> Option<f64> {
        let interactions = self.interactions?;
        (self.views > 0.0 && interactions > 0.0).then(|| interactions / self.views)
    }
}

/// What the comparison rests on, besides the size of the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grounds {
    /// Totals of videos that have matured.
    Lifetime,
    /// Values at one age.
    SameAge {
        /// That age in hours.
        age_h: f64,
        /// How old the data is, in hours, beyond what its source declares as its lag.
        data_age_h: f64,
    },
}

/// What the number says in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// No number: too few videos to compare with, or the format or the value at that age is unknown.
    InsufficientData,
    /// No number yet: the video is too young.
    TooRecent,
    /// A number on three or four videos: not labelled further.
    Provisional,
    /// Far above what the channel's videos reach.
    Outlier,
    /// Above the channel's usual range.
    Above,
    /// Within the channel's usual range.
    Typical,
    /// Below the channel's usual range.
    Below,
}

impl Label {
    /// Every label.
    pub const ALL: [Self; 7] = [
        Self::InsufficientData,
        Self::TooRecent,
        Self::Provisional,
        Self::Outlier,
        Self::Above,
        Self::Typical,
        Self::Below,
    ];

    /// The name used in files, in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InsufficientData => "insufficient_data",
            Self::TooRecent => "too_recent",
            Self::Provisional => "provisional",
            Self::Outlier => "outlier",
            Self::Above => "above",
            Self::Typical => "typical",
            Self::Below => "below",
        }
    }

    /// Whether the label stands in place of a number.
    pub fn is_withheld(self) -> bool {
        matches!(self, Self::InsufficientData | Self::TooRecent)
    }
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// Too young to be compared.
    TooRecent,
    /// Fewer predecessors than a comparison needs.
    TooFew {
        /// How many there are.
        n: usize,
    },
    /// The format is not known, so neither is the cohort.
    UnknownFormat,
    /// No two snapshots stand close enough to any checkpoint, or they were counted differently.
    NoCheckpoint,
}

impl Withheld {
    /// The name used in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooRecent => "too_recent",
            Self::TooFew { .. } => "too_few",
            Self::UnknownFormat => "unknown_format",
            Self::NoCheckpoint => "not_measured",
        }
    }

    /// The reason with this name, found among `n` videos.
    pub fn named(name: &str, n: usize) -> Option<Self> {
        [
            Self::TooRecent,
            Self::TooFew { n },
            Self::UnknownFormat,
            Self::NoCheckpoint,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }

    /// The label shown in place of a number.
    pub fn label(self) -> Label {
        match self {
            Self::TooRecent => Label::TooRecent,
            Self::TooFew { .. } | Self::UnknownFormat | Self::NoCheckpoint => {
                Label::InsufficientData
            }
        }
    }
}

/// How sure the score is, in one word.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Take it as a hint.
    Low,
    /// Good enough to learn from.
    Medium,
    /// Rests on enough videos of the right age.
    High,
}

impl Confidence {
    /// The word for a confidence.
    pub fn of(model: &Model, confidence: f64) -> Self {
        if confidence >= model.high_confidence {
            Self::High
        } else if confidence >= model.medium_confidence {
            Self::Medium
        } else {
            Self::Low
        }
    }

    /// The name used in files, in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How one video did against its channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Size of the baseline.
    pub n: usize,
    /// Views.
    pub reach: Component,
    /// Views gained between the last two checkpoints.
    pub velocity: Option<Component>,
    /// Likes and comments per view.
    pub engagement: Option<Component>,
    /// Average percentage viewed.
    pub retention: Option<Component>,
    /// Views over the baseline's typical views: `e^r`.
    pub raw_multiplier: f64,
    /// The same, pulled toward 1 when the baseline is small: `e^(w·r)`. The published one.
    pub multiplier: f64,
    /// Weighted mean of the components' z.
    pub z_total: f64,
    /// `round(100·Φ(z_total))`: an index from 0 to 100, not a probability.
    pub score: u8,
    /// What reach says in one word.
    pub label: Label,
    /// From 0 to 1.
    pub confidence: f64,
}

impl Score {
    /// `w·r`: logarithm of the published multiplier.
    pub fn log_multiplier(&self, model: &Model) -> f64 {
        pull(model, self.n) * self.reach.r
    }
}

/// Scores `target` against `baseline` (its predecessors in the same cohort, on the same basis, at the same age).
///
/// # Errors
/// [`Withheld::TooFew`] when the baseline is too small.
pub fn score(
    model: &Model,
    baseline: &[Measures],
    target: &Measures,
    grounds: Grounds,
) -> Result<Score, Withheld> {
    let n = baseline.len();
    let mut views: Vec<f64> = baseline.iter().map(|video| video.views.ln_1p()).collect();
    let reach = Component::compare(model, &mut views, target.views.ln_1p(), model.reach_spread)
        .ok_or(Withheld::TooFew { n })?;
    let velocity = target.gained.and_then(|gained| {
        let mut gains: Vec<f64> = baseline
            .iter()
            .filter_map(|video| video.gained)
            .map(ln_gain)
            .collect();
        Component::compare(model, &mut gains, ln_gain(gained), model.velocity_spread)
    });
    let engagement = engagement(model, baseline, target);
    let retention = target.viewed_percent.and_then(|percent| {
        let mut percents: Vec<f64> = baseline
            .iter()
            .filter_map(|video| video.viewed_percent)
            .collect();
        Component::compare(model, &mut percents, percent, model.retention_spread)
    });

    let weights = &model.weights;
    let (sum, weight) = [
        (Some(reach), weights.reach),
        (retention, weights.retention),
        (velocity, weights.velocity),
        (engagement, weights.engagement),
    ]
    .into_iter()
    .filter_map(|(component, weight)| component.map(|component| (component.z * weight, weight)))
    .fold((0.0, 0.0), |(sum, total), (part, weight)| {
        (sum + part, total + weight)
    });
    let z_total = sum / weight;
    let multiplier = (pull(model, n) * reach.r).exp();

    Ok(Score {
        n,
        raw_multiplier: reach.r.exp(),
        multiplier,
        z_total,
        score: (100.0 * phi(z_total)).round() as u8,
        label: label(model, n, multiplier, reach.z),
        confidence: confidence(model, n, grounds),
        reach,
        velocity,
        engagement,
        retention,
    })
}

/// Likes and comments per view: the target's rate, shrunk toward the cohort's, against the baseline's rates.
fn engagement(model: &Model, baseline: &[Measures], target: &Measures) -> Option<Component> {
    let interactions = target.interactions?;
    let mut rates: Vec<f64> = baseline
        .iter()
        .filter_map(Measures::engagement_rate)
        .collect();
    if rates.len() < model.min_baseline {
        return None;
    }
    let usual = median(&mut rates);
    let prior = model.engagement_prior_views;
    let shrunk = (interactions + prior * usual) / (target.views + prior);
    let mut logarithms: Vec<f64> = rates.into_iter().map(f64::ln).collect();
    Component::compare(model, &mut logarithms, shrunk.ln(), model.engagement_spread)
}

fn ln_gain(gained: f64) -> f64 {
    gained.max(0.0).ln_1p()
}

/// `w`: how far the published multiplier trusts a baseline of this size.
fn pull(model: &Model, n: usize) -> f64 {
    n as f64 / (n as f64 + model.multiplier_prior)
}

fn label(model: &Model, n: usize, multiplier: f64, z: f64) -> Label {
    if n < model.full_baseline {
        Label::Provisional
    } else if multiplier >= model.outlier.multiplier && z >= model.outlier.z {
        Label::Outlier
    } else if multiplier >= model.notable.multiplier && z >= model.notable.z {
        Label::Above
    } else if multiplier <= 1.0 / model.notable.multiplier && z <= -model.notable.z {
        Label::Below
    } else {
        Label::Typical
    }
}

fn confidence(model: &Model, n: usize, grounds: Grounds) -> f64 {
    let sample = n as f64 / (n as f64 + model.confidence_prior);
    match grounds {
        Grounds::Lifetime => sample,
        Grounds::SameAge { age_h, data_age_h } => {
            let age = (age_h / model.confidence_age_h).sqrt().min(1.0);
            let fresh = if data_age_h <= model.fresh_h {
                1.0
            } else {
                model.stale_factor
            };
            sample * age * fresh
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{MODEL, inspiration};

    const WEEK: Grounds = Grounds::SameAge {
        age_h: 168.0,
        data_age_h: 0.0,
    };
    const VIEWS: [f64; 10] = [
        4200., 5100., 3900., 6100., 4800., 5500., 30500., 4500., 5000., 3600.,
    ];
    const GAINED: [f64; 10] = [
        900., 1200., 800., 1500., 1000., 1300., 15000., 950., 1100., 700.,
    ];
    const RATES: [f64; 10] = [
        0.041, 0.043, 0.038, 0.045, 0.042, 0.040, 0.030, 0.044, 0.042, 0.046,
    ];
    const VIEWED: [f64; 10] = [41.0, 43.5, 39.0, 44.0, 42.0, 40.5, 36.0, 43.0, 42.5, 45.0];

    fn cohort() -> Vec<Measures> {
        (0..10)
            .map(|i| Measures {
                views: VIEWS[i],
                gained: Some(GAINED[i]),
                interactions: Some(RATES[i] * VIEWS[i]),
                viewed_percent: Some(VIEWED[i]),
            })
            .collect()
    }

    fn target() -> Measures {
        Measures {
            views: 12_400.0,
            gained: Some(4100.0),
            interactions: Some(708.0),
            viewed_percent: Some(46.0),
        }
    }

    fn only_views(views: &[f64]) -> Vec<Measures> {
        views
            .iter()
            .map(|&views| Measures {
                views,
                ..Measures::default()
            })
            .collect()
    }

    fn reach_of(baseline: &[f64], target: f64) -> Score {
        let target = Measures {
            views: target,
            ..Measures::default()
        };
        score(&MODEL, &only_views(baseline), &target, WEEK).expect("enough videos")
    }

    #[track_caller]
    fn near(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() < 1e-3,
            "{actual} is not {expected}"
        );
    }

    #[track_caller]
    fn component(actual: Component, m: f64, s_raw: f64, s: f64, r: f64, z: f64) {
        near(actual.m, m);
        near(actual.s_raw, s_raw);
        near(actual.s, s);
        near(actual.r, r);
        near(actual.z, z);
    }

    #[test]
    fn worked_example() {
        let result = score(&MODEL, &cohort(), &target(), WEEK).unwrap();
        component(result.reach, 8.4970, 0.1999, 0.4358, 0.9285, 1.9806);
        component(
            result.velocity.unwrap(),
            6.9564,
            0.2723,
            0.5126,
            1.3626,
            2.4711,
        );
        component(
            result.engagement.unwrap(),
            0.042_f64.ln(),
            0.0707,
            0.2101,
            0.2968,
            1.3129,
        );
        component(
            result.retention.unwrap(),
            42.25,
            2.2239,
            3.9112,
            3.75,
            0.8913,
        );
        near(result.raw_multiplier, 2.5308);
        near(result.log_multiplier(&MODEL), 0.7143);
        near(result.multiplier, 2.0427);
        near(result.z_total, 1.7695);
        assert_eq!(result.score, 96);
        assert_eq!(result.label, Label::Outlier);
        near(result.confidence, 0.6667);
        assert_eq!(Confidence::of(&MODEL, result.confidence), Confidence::High);
        near(
            inspiration::rank(&MODEL, result.log_multiplier(&MODEL), 7.0),
            0.6953,
        );
    }

    #[test]
    fn without_retention_the_rest_is_scaled_up() {
        let result = score(
            &MODEL,
            &cohort(),
            &Measures {
                viewed_percent: None,
                ..target()
            },
            WEEK,
        )
        .unwrap();
        near(result.z_total, 1.9891);
        assert!((100.0 * phi(result.z_total) - 97.67).abs() < 5e-3);
        assert_eq!(result.score, 98);
    }

    #[test]
    fn one_viral_video_moves_nothing() {
        let mut viral = VIEWS;
        viral[6] = 3_050_000.0;
        assert_eq!(reach_of(&viral, 12_400.0), reach_of(&VIEWS, 12_400.0));
    }

    #[test]
    fn four_videos_are_provisional() {
        let result = reach_of(&VIEWS[..4], 12_400.0);
        near(result.reach.m, 8.4401);
        near(result.reach.s, 0.5383);
        near(result.reach.r, 0.9854);
        near(result.reach.z, 1.5511);
        near(result.raw_multiplier, 2.6789);
        near(result.multiplier, 1.7561);
        assert_eq!(result.label, Label::Provisional);
        near(result.confidence, 0.4444);
    }

    #[test]
    fn two_videos_give_no_number() {
        let result = score(&MODEL, &only_views(&VIEWS[..2]), &target(), WEEK);
        assert_eq!(result, Err(Withheld::TooFew { n: 2 }));
        assert_eq!(Withheld::TooFew { n: 2 }.label(), Label::InsufficientData);
    }

    #[test]
    fn a_typical_video_and_a_flop() {
        let typical = reach_of(&VIEWS, 4900.0);
        near(typical.reach.z, 0.0004);
        near(typical.multiplier, 1.0002);
        assert_eq!(typical.label, Label::Typical);
        let flop = reach_of(&VIEWS, 1500.0);
        near(flop.reach.z, -2.5235);
        near(flop.raw_multiplier, 0.3063);
        near(flop.multiplier, 0.4025);
        assert_eq!(flop.label, Label::Below);
    }

    #[test]
    fn no_spread_and_no_views_divide_by_nothing() {
        let same = reach_of(&[100.0; 6], 100.0);
        assert_eq!(same.reach.s_raw, 0.0);
        near(same.reach.s, 0.4719);
        assert_eq!(same.reach.z, 0.0);
        let nobody = reach_of(&[0.0; 5], 0.0);
        assert_eq!(nobody.reach.m, 0.0);
        near(nobody.reach.s, 0.4950);
        assert_eq!(nobody.reach.z, 0.0);
        assert_eq!(nobody.score, 50);
    }

    #[test]
    fn engagement_leaves_out_what_has_no_rate() {
        let mut baseline = cohort();
        baseline[0].views = 0.0;
        baseline[1].interactions = Some(0.0);
        baseline[2].interactions = None;
        let result = score(&MODEL, &baseline, &target(), WEEK).unwrap();
        assert_eq!(result.engagement.unwrap().n, 7);
        for video in &mut baseline[3..8] {
            video.interactions = None;
        }
        assert_eq!(
            score(&MODEL, &baseline, &target(), WEEK)
                .unwrap()
                .engagement,
            None
        );
    }

    #[test]
    fn stale_and_young_values_count_less() {
        assert_eq!(
            confidence(
                &MODEL,
                5,
                Grounds::SameAge {
                    age_h: 12.0,
                    data_age_h: 24.0
                }
            ),
            0.25
        );
        near(
            confidence(
                &MODEL,
                5,
                Grounds::SameAge {
                    age_h: 48.0,
                    data_age_h: 24.1,
                },
            ),
            0.4,
        );
        assert_eq!(confidence(&MODEL, 20, Grounds::Lifetime), 0.8);
    }

    fn counts() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(0_u32..50_000_000, 3..=20)
            .prop_map(|views| views.into_iter().map(f64::from).collect())
    }

    proptest! {
        #[test]
        fn the_order_of_the_baseline_does_not_matter(
            (given, shuffled) in counts().prop_flat_map(|views| (Just(views.clone()), Just(views).prop_shuffle())),
            views in 0_u32..50_000_000,
        ) {
            let target = f64::from(views);
            prop_assert_eq!(reach_of(&given, target), reach_of(&shuffled, target));
        }

        #[test]
        fn more_views_never_lower_multiplier_or_z(
            baseline in counts(), views in 0_u32..50_000_000, more in 0_u32..50_000_000,
        ) {
            let (low, high) = (reach_of(&baseline, f64::from(views)), reach_of(&baseline, f64::from(views) + f64::from(more)));
            prop_assert!(high.multiplier >= low.multiplier);
            prop_assert!(high.raw_multiplier >= low.raw_multiplier);
            prop_assert!(high.reach.z >= low.reach.z);
            prop_assert!(high.score >= low.score);
        }

        #[test]
        fn every_number_is_finite_and_in_range(
            baseline in prop::collection::vec(
                (0_u32..50_000_000, prop::option::of(0_u32..5_000_000), prop::option::of(0_u32..5_000_000)), 3..=20),
            target in (0_u32..50_000_000, prop::option::of(0_u32..5_000_000), prop::option::of(0_u32..5_000_000)),
        ) {
            let measures = |(views, gained, interactions): (u32, Option<u32>, Option<u32>)| Measures {
                views: f64::from(views),
                gained: gained.map(f64::from),
                interactions: interactions.map(f64::from),
                viewed_percent: None,
            };
            let baseline: Vec<Measures> = baseline.into_iter().map(measures).collect();
            let result = score(&MODEL, &baseline, &measures(target), WEEK).unwrap();
            prop_assert!(result.score <= 100);
            prop_assert!(result.z_total.abs() <= 3.0 && result.multiplier.is_finite() && result.multiplier > 0.0);
            prop_assert!((0.0..1.0).contains(&result.confidence));
            // The published multiplier lies between 1 and the raw one.
            prop_assert!(result.multiplier.ln().abs() <= result.raw_multiplier.ln().abs() + 1e-9);
            for part in [result.velocity, result.engagement].into_iter().flatten() {
                prop_assert!(part.z.abs() <= 3.0 && part.s >= 0.10 && part.r.is_finite());
            }
        }
    }
}
