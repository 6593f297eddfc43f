//! One target against one baseline.

use serde::{Deserialize, Serialize};

use super::compare::compare;
use super::composite::z_total;
use super::statistics::{median, phi};
use super::{Component, Model, named::named};

named! {
    /// What kind of video it is. Videos are compared within one format only; it is taken from YouTube's own
    /// `creatorContentType`, never guessed from the duration.
    Format {
        /// A Short.
        Short "short",
        /// An ordinary video.
        Long "long",
        /// A live stream or its recording.
        Live "live",
    }
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut formats = Self::ALL.iter().copied();
        formats
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

named! {
    /// What the number says in one word.
    Label {
        /// No number: too few videos to compare with, or the format or the value at that age is unknown.
        InsufficientData "insufficient_data",
        /// No number yet: the video is too young.
        TooRecent "too_recent",
        /// A number on three or four videos: not labelled further.
        Provisional "provisional",
        /// Far above what the channel's videos reach.
        Outlier "outlier",
        /// Above the channel's usual range.
        Above "above",
        /// Within the channel's usual range.
        Typical "typical",
        /// Below the channel's usual range.
        Below "below",
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

named! {
    /// How sure the score is, in one word.
    Confidence {
        /// Take it as a hint.
        Low "low",
        /// Good enough to learn from.
        Medium "medium",
        /// Rests on enough videos of the right age.
        High "high",
    }
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
    /// The components' z together.
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

/// Scores `target` against `baseline` (its predecessors in the same cohort, on the same basis, at the same age, earliest
/// first).
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
    let views: Vec<f64> = baseline.iter().map(|video| video.views.ln_1p()).collect();
    let reach =
        compare(model, &views, target.views.ln_1p(), model.reach).ok_or(Withheld::TooFew { n })?;
    let velocity = target.gained.and_then(|gained| {
        let gains: Vec<f64> = baseline
            .iter()
            .filter_map(|video| video.gained)
            .map(ln_gain)
            .collect();
        compare(model, &gains, ln_gain(gained), model.velocity)
    });
    let engagement = engagement(model, baseline, target);
    let retention = target.viewed_percent.and_then(|percent| {
        let percents: Vec<f64> = baseline
            .iter()
            .filter_map(|video| video.viewed_percent)
            .collect();
        compare(model, &percents, percent, model.retention)
    });

    let z_total = z_total(
        model,
        [Some(reach), velocity, engagement, retention].map(|part| part.map(|part| part.z)),
    );
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
    let rates: Vec<f64> = baseline
        .iter()
        .filter_map(Measures::engagement_rate)
        .collect();
    if rates.len() < model.min_baseline {
        return None;
    }
    let usual = median(&mut rates.clone());
    let prior = model.engagement_prior_views;
    let shrunk = (interactions + prior * usual) / (target.views + prior);
    let logarithms: Vec<f64> = rates.into_iter().map(f64::ln).collect();
    compare(model, &logarithms, shrunk.ln(), model.engagement)
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
mod tests;
