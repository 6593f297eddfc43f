//! What a job has met so far, and what is still to happen to it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::plan::Plan;
use super::point::{CLAIM, END, FINISH, Moment, Point};

/// What is recorded of one job, and what is still to happen to it.
#[derive(Debug, Default)]
pub(super) struct Recording {
    plan: Plan,
    calls: HashMap<(String, String), u32>,
    /// Every call of its steps, in order.
    seen: Vec<(String, String, u32)>,
    killed: Option<(String, Instant)>,
    healed: Option<Duration>,
    kills: u32,
    /// How much of `seen` came before the last kill.
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
    pub(super) fn record_call(&mut self, step: &str, call: &str, moment: Moment) -> bool {
        let key = (step.to_owned(), call.to_owned());
        let nth = self.calls.entry(key).or_default();
        if moment == Moment::Before {
            *nth += 1;
            self.seen.push((step.to_owned(), call.to_owned(), *nth));
        }
        let dies = match &self.plan {
            Plan::Nothing => false,
            Plan::Kills(points) => points.get(self.kills as usize).is_some_and(|point| {
                point.step == step
                    && point.call == call
                    && point.nth == *nth
                    && point.moment == moment
            }),
            Plan::Poison(kind) => *kind == step && moment == Moment::Before && call != CLAIM,
        };
        if dies {
            self.kills += 1;
            // After its end a claim has nothing left to make up for.
            let is_over = matches!(call, END | FINISH) && moment == Moment::After;
            self.killed = (!is_over).then(|| (step.to_owned(), Instant::now()));
            self.healed = None;
            self.undisturbed = self.seen.len();
        }
        dies
    }

    /// Whether the next kill is at this call of the step.
    pub(super) fn is_next(&self, step: &str, call: &str) -> bool {
        self.planned()
            .get(self.kills as usize)
            .is_some_and(|point| point.step == step && point.call == call)
    }

    /// A claim of one of its steps was made this many seconds after it was due.
    pub(super) fn claimed(&mut self, late: f64) {
        self.latest = self.latest.max(late);
    }

    /// A claim of one of its steps came to its end.
    pub(super) fn ended(&mut self, step: &str, now: Instant) {
        if let Some((killed, at)) = &self.killed
            && self.healed.is_none()
            && killed == step
        {
            self.healed = Some(now.duration_since(*at));
        }
    }

    /// The points at which its workers are to be killed.
    pub(super) fn planned(&self) -> &[Point] {
        match &self.plan {
            Plan::Kills(points) => points,
            Plan::Nothing | Plan::Poison(_) => &[],
        }
    }

    /// Whether it is left alone.
    pub(super) const fn is_quiet(&self) -> bool {
        matches!(self.plan, Plan::Nothing)
    }

    /// How often its workers were killed.
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

    /// Every point since the last kill, or of the whole run when there was none.
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
    fn a_job_is_killed_once_at_its_point() {
        let points = vec![point("youtube send piece", 2, Moment::After)];
        let mut recording = Recording::new(Plan::Kills(points));
        let mut walk = || {
            let mut kills = Vec::new();
            for moment in [Moment::Before, Moment::After] {
                kills.push(recording.record_call("upload.advance", "youtube send piece", moment));
            }
            kills
        };
        assert_eq!(walk(), [false, false]);
        assert_eq!(walk(), [false, true]);
        assert_eq!(walk(), [false, false]);
        assert_eq!(recording.kills(), 1);
    }

    #[test]
    fn a_second_kill_comes_after_the_first() {
        let points = vec![point("a", 1, Moment::After), point("b", 2, Moment::Before)];
        let mut recording = Recording::new(Plan::Kills(points));
        assert!(!recording.record_call("upload.advance", "b", Moment::Before));
        assert!(!recording.record_call("upload.advance", "a", Moment::Before));
        assert!(recording.record_call("upload.advance", "a", Moment::After));
        assert!(recording.record_call("upload.advance", "b", Moment::Before));
        assert_eq!(recording.kills(), 2);
        assert!(recording.points().is_empty());
    }

    #[test]
    fn poison_ends_every_process_that_takes_it() {
        let mut recording = Recording::new(Plan::Poison("render.advance"));
        for _ in 0..3 {
            assert!(!recording.record_call("render.advance", CLAIM, Moment::Before));
            assert!(recording.record_call("render.advance", "db open_render", Moment::Before));
        }
        assert!(!recording.record_call("upload.advance", "db open_upload", Moment::Before));
        assert_eq!(recording.kills(), 3);
    }

    #[test]
    fn every_call_is_a_point_before_and_after() {
        let mut recording = Recording::new(Plan::Nothing);
        for call in [CLAIM, "db open_upload", "db open_upload"] {
            recording.record_call("upload.advance", call, Moment::Before);
            recording.record_call("upload.advance", call, Moment::After);
        }
        assert_eq!(
            recording.points(),
            [
                point(CLAIM, 1, Moment::After),
                point("db open_upload", 1, Moment::Before),
                point("db open_upload", 1, Moment::After),
                point("db open_upload", 2, Moment::Before),
                point("db open_upload", 2, Moment::After),
            ]
        );
    }
}
