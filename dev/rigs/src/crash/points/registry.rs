//! Which worker is at which step, and what is to happen to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use uuid::Uuid;

use super::point::Moment;
use super::recording::Recording;

/// The workers, their claims and the jobs.
#[derive(Debug, Default)]
pub(super) struct Registry {
    /// Nobody gets a step while this is set.
    pub(super) closed: bool,
    /// Whose step a row is.
    pub(super) subjects: HashMap<Uuid, u32>,
    /// What each job is to meet, and has met.
    pub(super) recordings: BTreeMap<u32, Recording>,
    pub(super) workers: BTreeSet<i32>,
    pub(super) claims: HashMap<i32, Claimed>,
}

#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) job: Option<u32>,
    pub(super) kind: String,
    pub(super) step: Uuid,
}

impl Registry {
    /// Says which job a row belongs to.
    pub(super) fn assign(&mut self, subject: Uuid, job: u32) {
        self.subjects.insert(subject, job);
    }

    /// A process whose calls are watched.
    pub(super) fn enter(&mut self, worker: i32) {
        self.workers.insert(worker);
    }

    /// A process that is no more.
    pub(super) fn leave(&mut self, worker: i32) {
        self.workers.remove(&worker);
        self.claims.remove(&worker);
    }

    /// Counts a call of the worker's step; whether the worker is to die at it.
    pub(super) fn record_call(&mut self, worker: i32, call: &str, moment: Moment) -> bool {
        let Some(claimed) = self.claims.get(&worker) else {
            return false;
        };
        let Some(recording) = claimed.job.and_then(|job| self.recordings.get_mut(&job)) else {
            return false;
        };
        recording.record_call(&claimed.kind, call, moment)
    }

    /// Whether the worker is to die at this call next.
    pub(super) fn dies_at(&self, worker: i32, call: &str) -> bool {
        self.claims.get(&worker).is_some_and(|claimed| {
            claimed
                .job
                .and_then(|job| self.recordings.get(&job))
                .is_some_and(|recording| recording.is_next(&claimed.kind, call))
        })
    }

    /// The worker's claim came to its end.
    pub(super) fn ended(&mut self, worker: i32) {
        if let Some(claimed) = self.claims.remove(&worker)
            && let Some(recording) = claimed.job.and_then(|job| self.recordings.get_mut(&job))
        {
            recording.ended(&claimed.kind, Instant::now());
        }
    }
}
