//! The points in the run of a step at which its process may die.

use serde::Serialize;

/// One call of a worker ends a claim and takes another: two points, of two steps.
pub(super) const FINISH_AND_CLAIM: &str = "db finish_and_claim";
/// The part of it that takes a step.
pub(super) const CLAIM: &str = "db finish_and_claim (claim)";
/// The part of it that ends one.
pub(super) const END: &str = "db finish_and_claim (end)";
/// The call that ends a claim by itself, when the step did not go well.
pub(super) const FINISH: &str = "db finish_step";

/// On which side of a call a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Moment {
    /// The call is about to be made and never leaves.
    Before,
    /// The call had its effect; the answer never arrives.
    After,
}

/// One place in the run of a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(super) struct Point {
    /// The step's kind.
    pub(super) step: String,
    /// The call.
    pub(super) call: String,
    /// Which of the job's calls of this name, counted from 1.
    pub(super) nth: u32,
    /// The side of it.
    pub(super) moment: Moment,
}
