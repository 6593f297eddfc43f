//! What is to happen to a job.

use super::point::Point;

/// When its workers are killed.
#[derive(Clone, Debug, Default)]
pub(super) enum Plan {
    /// It is left alone.
    #[default]
    Nothing,
    /// Its worker is killed at each of these, one after the other.
    Kills(Vec<Point>),
    /// Every process that takes a step of this kind dies of it.
    Poison(&'static str),
}
