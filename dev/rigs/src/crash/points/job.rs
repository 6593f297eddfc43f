//! A job, and at which points in the run of its steps a process is to die.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Moment {
    /// The call is about to be made and never leaves.
    Before,
    /// The call had its effect; the answer never arrives.
    After,
}

/// One place in the run of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

impl Point {
    pub(super) fn new(step: &str, call: &str, nth: u32, moment: Moment) -> Self {
        let (step, call) = (step.to_owned(), call.to_owned());
        Self {
            step,
            call,
            nth,
            moment,
        }
    }
}

/// A job, and what is to happen to its workers. One without kills and poison is left alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Job {
    /// Where they are killed, one after the other.
    pub(super) kills: Vec<Point>,
    /// Every process that takes a step of this kind dies of it.
    pub(super) poison: Option<&'static str>,
    /// Its channel's sessions are forgotten by YouTube as soon as the upload is complete.
    pub(super) forgetful: bool,
}
