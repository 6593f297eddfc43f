//! Where a job is to be struck, and what it has met so far.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

/// One call of a worker ends a claim and takes another: two points, of two steps.
pub(super) const TURN: &str = "db finish_and_claim";
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

/// What is to happen to a job.
#[derive(Clone, Debug, Default)]
pub(super) enum Plan {
    /// It is left in peace.
    #[default]
    Nothing,
    /// It is struck at each of these, one after the other.
    Strikes(Vec<Point>),
    /// Every process that takes a step of this kind dies of it.
    Poison(&'static str),
}

/// What is recorded of one job, and what is still to strike it.
#[derive(Debug, Default)]
pub(super) struct Recording {
    plan: Plan,
    met: HashMap<(String, String), u32>,
    /// Every call of its steps, in order.
    seen: Vec<(String, String, u32)>,
    struck: Option<(String, Instant)>,
    healed: Option<Duration>,
    kills: u32,
    /// How much of `seen` came before the last strike.
    undisturbed: usize,
    latest: f64,
}

impl Recording {
    /// An empty recording of a job with this plan.
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            ..Self::default()
        }
    }

    /// Counts a call; whether the process is to end now.
    pub(super) fn meets(&mut self, step: &str, call: &str, moment: Moment) -> bool {
        let key = (step.to_owned(), call.to_owned());
        let nth = self.met.entry(key).or_default();
        if moment == Moment::Before {
            *nth += 1;
            self.seen.push((step.to_owned(), call.to_owned(), *nth));
        }
        let strike = match &self.plan {
            Plan::Nothing => false,
            Plan::Strikes(points) => points.get(self.kills as usize).is_some_and(|point| {
                point.step == step
                    && point.call == call
                    && point.nth == *nth
                    && point.moment == moment
            }),
            Plan::Poison(kind) => *kind == step && moment == Moment::Before && call != CLAIM,
        };
        if strike {
            self.kills += 1;
            // After its end a claim has nothing left to make up for.
            let is_over = matches!(call, END | FINISH) && moment == Moment::After;
            self.struck = (!is_over).then(|| (step.to_owned(), Instant::now()));
            self.healed = None;
            self.undisturbed = self.seen.len();
        }
        strike
    }

    /// Whether the next strike is at this call of the step.
    pub(super) fn is_next(&self, step: &str, call: &str) -> bool {
        self.strikes()
            .get(self.kills as usize)
            .is_some_and(|point| point.step == step && point.call == call)
    }

    /// A claim of one of its steps was made this many seconds after it was due.
    pub(super) fn claimed(&mut self, late: f64) {
        self.latest = self.latest.max(late);
    }

    /// A claim of one of its steps came to its end.
    pub(super) fn ended(&mut self, step: &str, now: Instant) {
        if let Some((struck, at)) = &self.struck
            && self.healed.is_none()
            && struck == step
        {
            self.healed = Some(now.duration_since(*at));
        }
    }

    /// The points it was to be struck at.
    pub(super) fn strikes(&self) -> &[Point] {
        match &self.plan {
            Plan::Strikes(points) => points,
            Plan::Nothing | Plan::Poison(_) => &[],
        }
    }

    /// Whether nothing is in store for it.
    pub(super) const fn is_quiet(&self) -> bool {
        matches!(self.plan, Plan::Nothing)
    }

    /// How often it was struck.
    pub(super) const fn kills(&self) -> u32 {
        self.kills
    }

    /// From the kill to the end of the claim that made up for it.
    pub(super) const fn healed(&self) -> Option<Duration> {
        self.healed
    }

    /// The longest time that a step of it was due before somebody took it, in seconds.
    pub(super) const fn latest(&self) -> f64 {
        self.latest
    }

    /// Every point since the last strike, or of the whole run when there was none.
    pub(super) fn points(&self) -> Vec<Point> {
        let mut points: Vec<Point> = self.seen[self.undisturbed..]
            .iter()
            .flat_map(|(step, call, nth)| {
                [Moment::Before, Moment::After].map(|moment| Point {
                    step: step.clone(),
                    call: call.clone(),
                    nth: *nth,
                    moment,
                })
            })
            .filter(|point| point.moment == Moment::After || point.call != CLAIM)
            .collect();
        points.sort();
        points.dedup();
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(call: &str, nth: u32, moment: Moment) -> Point {
        Point {
            step: "upload.advance".to_owned(),
            call: call.to_owned(),
            nth,
            moment,
        }
    }

    #[test]
    fn a_course_is_struck_once_at_its_point() {
        let points = vec![point("youtube send piece", 2, Moment::After)];
        let mut recording = Recording::new(Plan::Strikes(points));
        let mut walk = || {
            let mut strikes = Vec::new();
            for moment in [Moment::Before, Moment::After] {
                strikes.push(recording.meets("upload.advance", "youtube send piece", moment));
            }
            strikes
        };
        assert_eq!(walk(), [false, false]);
        assert_eq!(walk(), [false, true]);
        assert_eq!(walk(), [false, false]);
        assert_eq!(recording.kills(), 1);
    }

    #[test]
    fn a_second_strike_comes_after_the_first() {
        let points = vec![point("a", 1, Moment::After), point("b", 2, Moment::Before)];
        let mut recording = Recording::new(Plan::Strikes(points));
        assert!(!recording.meets("upload.advance", "b", Moment::Before));
        assert!(!recording.meets("upload.advance", "a", Moment::Before));
        assert!(recording.meets("upload.advance", "a", Moment::After));
        assert!(recording.meets("upload.advance", "b", Moment::Before));
        assert_eq!(recording.kills(), 2);
        assert!(recording.points().is_empty());
    }

    #[test]
    fn poison_ends_every_process_that_takes_it() {
        let mut recording = Recording::new(Plan::Poison("render.advance"));
        for _ in 0..3 {
            assert!(!recording.meets("render.advance", CLAIM, Moment::Before));
            assert!(recording.meets("render.advance", "db open_render", Moment::Before));
        }
        assert!(!recording.meets("upload.advance", "db open_upload", Moment::Before));
        assert_eq!(recording.kills(), 3);
    }

    #[test]
    fn every_call_is_a_point_before_and_after() {
        let mut recording = Recording::new(Plan::Nothing);
        for call in [CLAIM, "db open_upload", "db open_upload"] {
            recording.meets("upload.advance", call, Moment::Before);
            recording.meets("upload.advance", call, Moment::After);
        }
        assert_eq!(
            recording.points(),
            [
                point("db open_upload", 1, Moment::Before),
                point("db open_upload", 1, Moment::After),
                point("db open_upload", 2, Moment::Before),
                point("db open_upload", 2, Moment::After),
                point(CLAIM, 1, Moment::After),
            ]
        );
    }
}
