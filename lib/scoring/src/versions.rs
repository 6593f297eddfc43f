//! The models there are, by version.

use super::model::{Assumed, Bar, Calibration, Correlations, Model, Weights};

/// The model in force: calibrated on whole channels (`make calibrate`; docs/scoring.md has it step by step).
pub const MODEL: Model = Model {
    version: "cce-score/2",
    reach: of_counts(1.0, 0.15),
    velocity: of_counts(1.2, 0.15),
    engagement: of_values(0.35, 0.03),
    retention: of_values(6.0, 0.0),
    calibration: Some(Calibration {
        level_step: 0.5,
        least_spread: 0.1,
        small_sample: 4.0,
        prior_videos: 20.0,
        kernel: 0.15,
        correlations: Correlations {
            reach_engagement: -0.43,
            reach_velocity: 0.85,
            velocity_engagement: -0.40,
        },
    }),
    // z says how rare a video is; that it is worth a word as well is asked of the multiplier.
    outlier: Bar {
        multiplier: 1.5,
        z: 1.645,
    },
    ..CCE_SCORE_1
};

/// The first model. Its constants were starting assumptions.
pub const CCE_SCORE_1: Model = Model {
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
    reach: of_counts(0.70, 0.0),
    velocity: of_counts(0.80, 0.0),
    engagement: of_values(0.35, 0.0),
    retention: of_values(6.0, 0.0),
    calibration: None,
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

/// Every model, the one in force first.
pub static MODELS: [Model; 2] = [MODEL, CCE_SCORE_1];

const fn of_counts(spread: f64, upper_tail: f64) -> Assumed {
    Assumed {
        spread,
        upper_tail,
        is_count: true,
    }
}

const fn of_values(spread: f64, upper_tail: f64) -> Assumed {
    Assumed {
        spread,
        upper_tail,
        is_count: false,
    }
}
