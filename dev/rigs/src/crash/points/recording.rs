//! What each job has met so far and what is still to happen to it, and which worker is at which of its steps.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use rustix::process::Pid;
use uuid::Uuid;

use super::job::{CLAIM, END, FINISH, Job, Moment, Point};

/// What is recorded of one job, and what is still to happen to it.
#[derive(Debug, Default)]
pub(super) struct Recording {
    pub(super) job: Job,
    calls: HashMap<(String, String), u32>,
    /// Every call of its steps, in order.
    seen: Vec<(String, String, u32)>,
    killed: Option<(String, Instant)>,
    /// From the kill to the end of the claim that made up for it.
    pub(super) healed: Option<Duration>,
    /// How often its workers were killed.
    pub(super) kills: u32,
    /// How much of `seen` came before the last kill.
    undisturbed: usize,
    /// The longest time that a step of it was due before somebody took it, in seconds.
    pub(super) latest: f64,
}

impl Recording {
    /// An empty recording of a job.
    pub(super) fn new(job: Job) -> Self {
        Self {
            job,
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
        let here = Point::new(step, call, *nth, moment);
        let is_poison = self.job.poison == Some(step) && moment == Moment::Before && call != CLAIM;
        let dies = is_poison || self.job.kills.get(self.kills as usize) == Some(&here);
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

    /// A claim of one of its steps came to its end.
    fn ended(&mut self, step: &str) {
        if let Some((killed, at)) = &self.killed
            && self.healed.is_none()
            && killed == step
        {
            self.healed = Some(at.elapsed());
        }
    }

    /// Whether it is left alone.
    pub(super) fn is_quiet(&self) -> bool {
        self.job.kills.is_empty() && self.job.poison.is_none()
    }

    /// Every point since the last kill, or of the whole run when there was none.
    pub(super) fn points(&self) -> Vec<Point> {
        let mut points: Vec<Point> = self.seen[self.undisturbed..]
            .iter()
            .flat_map(|(step, call, nth)| {
                [Moment::Before, Moment::After].map(|moment| Point::new(step, call, *nth, moment))
            })
            .filter(|point| point.moment == Moment::After || point.call != CLAIM)
            .collect();
        points.sort();
        points.dedup();
        points
    }
}

/// The workers, their claims and the jobs.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// Nobody gets a step while this is set.
    pub(super) closed: bool,
    /// Whose step a row is.
    pub(super) subjects: HashMap<Uuid, u32>,
    /// What each job is to meet, and has met.
    pub(super) recordings: BTreeMap<u32, Recording>,
    pub(super) claims: HashMap<Pid, Claimed>,
}

#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) job: Option<u32>,
    pub(super) kind: String,
    pub(super) step: Uuid,
}

impl Registry {
    /// Counts a call of the worker's step; whether the worker is to die at it.
    pub(super) fn record_call(&mut self, worker: Pid, call: &str, moment: Moment) -> bool {
        let Some(Claimed {
            job: Some(job),
            kind,
            ..
        }) = self.claims.get(&worker)
        else {
            return false;
        };
        let recording = self.recordings.get_mut(job);
        recording.is_some_and(|recording| recording.record_call(kind, call, moment))
    }

    /// Whether the worker is to die at this call next.
    pub(super) fn dies_at(&self, worker: Pid, call: &str) -> bool {
        let Some(Claimed {
            job: Some(job),
            kind,
            ..
        }) = self.claims.get(&worker)
        else {
            return false;
        };
        let recording = self.recordings.get(job);
        let next = recording.and_then(|one| one.job.kills.get(one.kills as usize));
        next.is_some_and(|point| point.step == *kind && point.call == call)
    }

    /// The worker's claim came to its end.
    pub(super) fn ended(&mut self, worker: Pid) {
        if let Some(Claimed {
            job: Some(job),
            kind,
            ..
        }) = self.claims.remove(&worker)
            && let Some(recording) = self.recordings.get_mut(&job)
        {
            recording.ended(&kind);
        }
    }
}

/// What is recorded of these jobs.
pub(super) fn recordings<'a>(
    registry: &'a Registry,
    jobs: &'a [u32],
) -> impl Iterator<Item = &'a Recording> {
    jobs.iter().filter_map(|job| registry.recordings.get(job))
}

#[cfg(test)]
mod tests;
