//! What constants a model has.

/// Every number a model uses. A change of any of them is a new [`Model::version`]; stored scores name theirs.
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
    /// Makes the median absolute deviation comparable to a standard deviation. Version 1 only.
    pub mad_scale: f64,
    /// No spread is taken to be smaller than this. Version 1 only.
    pub spread_floor: f64,
    /// How many videos the assumed spread counts for.
    pub spread_prior: f64,
    /// Of ln(1 + views).
    pub reach: Assumed,
    /// Of ln(1 + views gained).
    pub velocity: Assumed,
    /// Of the logarithm of the engagement rate.
    pub engagement: Assumed,
    /// Of the average percentage viewed, in points.
    pub retention: Assumed,
    /// How distances become places among the videos to be expected; `None` in version 1, which takes them as normal.
    pub calibration: Option<Calibration>,
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

/// What is assumed of a component before the channel has said anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumed {
    /// Its spread.
    pub spread: f64,
    /// How heavy the upper tail is: 0 is normal.
    pub upper_tail: f64,
    /// Whether it is the logarithm of a count, which varies by its root even where nothing else does.
    pub is_count: bool,
}

/// What makes `z` mean the same on every channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// How far the level goes from the baseline's median toward that of its newer half.
    pub level_step: f64,
    /// No spread is taken to be smaller than this share of the assumed one.
    pub least_spread: f64,
    /// What a small baseline adds to the variance: this over n².
    pub small_sample: f64,
    /// How many videos the assumed distribution counts for beside the baseline's own.
    pub prior_videos: f64,
    /// How far a baseline video's own place is smeared, in standard deviations.
    pub kernel: f64,
    /// How the components go together.
    pub correlations: Correlations,
}

/// Correlations of the components' z within a channel. Retention is taken to go with none: no public data tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlations {
    /// Videos that reach more have fewer likes and comments per view.
    pub reach_engagement: f64,
    /// What reaches more gains more.
    pub reach_velocity: f64,
    /// As with reach.
    pub velocity_engagement: f64,
}
