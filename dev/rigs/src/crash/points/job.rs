//! A job, and where its worker is to die.

use super::args::PointsArgs;
use super::plan::Plan;
use super::point::{Moment, Point};

/// A job, and where its worker is to die.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) kills: Vec<Point>,
    /// Its channel's sessions are forgotten by YouTube as soon as the upload is complete.
    pub(super) forgetful: bool,
}

impl Job {
    pub(super) const fn undisturbed() -> Self {
        Self {
            kills: Vec::new(),
            forgetful: false,
        }
    }

    /// A job whose worker is killed where only what follows the kill shows how the pipeline finds out what had happened.
    pub(super) fn killed_at(
        step: &str,
        call: &str,
        nth: u32,
        moment: Moment,
        forgetful: bool,
    ) -> Self {
        let (step, call) = (step.to_owned(), call.to_owned());
        Self {
            kills: vec![Point {
                step,
                call,
                nth,
                moment,
            }],
            forgetful,
        }
    }

    pub(super) fn plan(&self) -> Plan {
        if self.kills.is_empty() {
            Plan::Nothing
        } else {
            Plan::Kills(self.kills.clone())
        }
    }
}

/// All jobs, or some of them, spread evenly.
pub(super) fn choose(all: &[Job], args: &PointsArgs) -> Vec<Job> {
    if args.points == 0 || args.points >= all.len() {
        return all.to_vec();
    }
    let stride = all.len() as f64 / args.points as f64;
    let shift = args.seed as usize % (stride.ceil() as usize).max(1);
    (0..args.points)
        .map(|n| all[((n as f64 * stride) as usize + shift) % all.len()].clone())
        .collect()
}
