//! One comparison: how far a target lies from its baseline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One comparison of a target with its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Component {
    /// How many baseline videos had the value.
    pub n: usize,
    /// The usual value, of logarithms except for retention: the baseline's level, half way from its median to the median of
    /// its newer half.
    pub m: f64,
    /// Spread of the baseline as measured: the distance between its tenth and its ninetieth percentile, in standard
    /// deviations of a normal distribution.
    pub s_raw: f64,
    /// Spread after shrinking toward the assumed one.
    pub s: f64,
    /// The target's distance from the usual value.
    pub r: f64,
    /// What share of such a channel's next videos does worse, as a place on the normal distribution; clipped.
    pub z: f64,
}
