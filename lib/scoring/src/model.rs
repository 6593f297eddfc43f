//! The constants of the model, in one versioned value.

/// Every number the model uses. A change of any of them is a new [`Model::version`]; stored scores name theirs.
///
/// The spreads (`*_spread`) are starting assumptions that have not been calibrated yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Name and version, stored with every score.
    pub version: &'static str,
    /// Ages in hours at which videos are compared.
    pub checkpoints_h: [u32; 11],
    /// Two snapshots are interpolated when the older age is at most this many times the younger.
    pub max_age_ratio: f64,
    /// How many predecessors make a baseline.
    pub window: usize,
    /// How long before the target a baseline video may have been published.
    pub window_days: i64,
    /// Totals are compared only among videos at least this old.
    pub lifetime_min_age_days: i64,
    /// From this age `engaged_views` are preferred; before it they do not exist yet.
    pub engaged_views_from_h: u32,
    /// How far Analytics may lag behind, in hours, without being stale. Public counters do not lag.
    pub engaged_views_lag_h: f64,
    /// Makes the median absolute deviation comparable to a standard deviation.
    pub mad_scale: f64,
    /// No spread is taken to be smaller than this.
    pub spread_floor: f64,
    /// How many videos the assumed spread counts for.
    pub spread_prior: f64,
    /// Assumed spread of ln(1 + views).
    pub reach_spread: f64,
    /// Assumed spread of ln(1 + views gained).
    pub velocity_spread: f64,
    /// Assumed spread of the logarithm of the engagement rate.
    pub engagement_spread: f64,
    /// Assumed spread of the average percentage viewed, in points.
    pub retention_spread: f64,
    /// z is clipped to this in both directions.
    pub z_clip: f64,
    /// How many videos pull the published multiplier toward 1: `w = n / (n + this)`.
    pub multiplier_prior: f64,
    /// How many views at the cohort's rate are added to the target before its engagement rate is taken.
    pub engagement_prior_views: f64,
    /// Share of each component in the composite.
    pub weights: Weights,
    /// With fewer baseline videos there is no number at all.
    pub min_baseline: usize,
    /// With fewer baseline videos the label stays `provisional`.
    pub full_baseline: usize,
    /// What an outlier has to reach.
    pub outlier: Bar,
    /// What `above` has to reach; `below` is its mirror image.
    pub notable: Bar,
    /// Confidence counts the baseline as `n / (n + this)`.
    pub confidence_prior: f64,
    /// Younger values count less, by the root of their share of this age.
    pub confidence_age_h: f64,
    /// Data older than this, beyond the source's own lag, is stale.
    pub fresh_h: f64,
    /// What stale data does to the confidence.
    pub stale_factor: f64,
    /// Confidence that counts as high.
    pub high_confidence: f64,
    /// Confidence that counts as medium.
    pub medium_confidence: f64,
    /// After this many days an example is worth half as much as inspiration. The score itself never decays.
    pub inspiration_half_life_days: f64,
}

/// Share of each component; what is missing is left out and the rest scaled up.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Views.
    pub reach: f64,
    /// Average percentage viewed.
    pub retention: f64,
    /// Views gained between the last two checkpoints.
    pub velocity: f64,
    /// Likes and comments per view.
    pub engagement: f64,
}

/// What a label asks of the published multiplier and of z.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Published multiplier.
    pub multiplier: f64,
    /// z of reach.
    pub z: f64,
}

/// The model in force.
pub const MODEL: Model = Model {
    version: "cce-score/1",
    checkpoints_h: [1, 3, 6, 12, 24, 48, 72, 168, 336, 672, 2160],
    max_age_ratio: 2.0,
    window: 20,
    window_days: 365,
    lifetime_min_age_days: 30,
    engaged_views_from_h: 72,
    engaged_views_lag_h: 72.0,
    mad_scale: 1.4826,
    spread_floor: 0.10,
    spread_prior: 5.0,
    reach_spread: 0.70,
    velocity_spread: 0.80,
    engagement_spread: 0.35,
    retention_spread: 6.0,
    z_clip: 3.0,
    multiplier_prior: 3.0,
    engagement_prior_views: 500.0,
    weights: Weights {
        reach: 0.55,
        retention: 0.20,
        velocity: 0.15,
        engagement: 0.10,
    },
    min_baseline: 3,
    full_baseline: 5,
    outlier: Bar {
        multiplier: 2.0,
        z: 1.645,
    },
    notable: Bar {
        multiplier: 1.3,
        z: 0.674,
    },
    confidence_prior: 5.0,
    confidence_age_h: 48.0,
    fresh_h: 24.0,
    stale_factor: 0.8,
    high_confidence: 0.60,
    medium_confidence: 0.35,
    inspiration_half_life_days: 180.0,
};
