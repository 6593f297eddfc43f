//! One comparison: how far a target lies from its baseline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One comparison of a target with its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Component {
    /// How many baseline videos had the value.
    pub n: usize,
    /// The usual value (of logarithms, except for retention): between the baseline's median and that of its newer half.
    pub m: f64,
    /// Spread of the baseline as measured, from its tenth to its ninetieth percentile.
    pub s_raw: f64,
    /// Spread after shrinking toward the assumed one.
    pub s: f64,
    /// The target's distance from the usual value.
    pub r: f64,
    /// How rare the distance is, as a place on the normal distribution; clipped.
    pub z: f64,
}
