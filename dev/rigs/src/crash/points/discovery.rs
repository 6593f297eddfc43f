//! Finds the points: takes jobs to their end and writes down every call of their steps.

use std::collections::BTreeSet;

use catalyst_cli::error::Result;
use serde_json::json;
use stack::controls;

use super::channels::FORGETFUL;
use super::job::{Job, Moment, Point};
use super::recording::{Recording, recordings};
use super::rig::Rig;

/// The kind of the step that kills every process that takes it.
pub(super) const POISONED: &str = "render.advance";

impl Rig {
    /// The jobs that find the points, with their numbers.
    pub(super) async fn discover(&mut self) -> Result<Vec<(u32, Job)>> {
        let first = self
            .complete(vec![Job::default()], vec![Job::default()])
            .await?;
        let mut found: Vec<_> = first
            .into_iter()
            .map(|number| (number, Job::default()))
            .collect();

        // A submit that never left is known as such only where the service's list shows older ones.
        let submit = "revid POST /api/public/v3/render";
        let killed = |step, call, nth, moment, forgetful| Job {
            kills: vec![Point::new(step, call, nth, moment)],
            forgetful,
            ..Job::default()
        };
        let jobs = vec![
            Job::default(),
            Job::default(),
            killed("render.advance", submit, 1, Moment::Before, false),
            killed("render.advance", submit, 1, Moment::After, false),
            // The third of three.
            killed(
                "upload.advance",
                "youtube send piece",
                3,
                Moment::After,
                true,
            ),
        ];
        self.proxy.registry().closed = true;
        let poison = Job {
            poison: Some(POISONED),
            ..Job::default()
        };
        self.poisoned = self.make(vec![poison], "video").await?.pop();
        let numbers = self.complete(jobs.clone(), Vec::new()).await?;
        found.extend(numbers.into_iter().zip(jobs));
        Ok(found)
    }

    /// Makes these jobs and takes them to their end; their numbers. Those of forgetful channels come last.
    pub(super) async fn complete(
        &mut self,
        videos: Vec<Job>,
        channels: Vec<Job>,
    ) -> Result<Vec<u32>> {
        self.proxy.registry().closed = true;
        let mut numbers = Vec::new();
        let (forgetful, others): (Vec<_>, Vec<_>) =
            videos.into_iter().partition(|job| job.forgetful);
        for (jobs, sort) in [(others, "video"), (forgetful, FORGETFUL)] {
            numbers.extend(self.make(jobs, sort).await?);
        }
        numbers.extend(self.channels.make(channels, &self.proxy).await?);
        self.proxy.registry().closed = false;
        let over = "every video is on YouTube and every channel is erased";
        self.until(over, Self::are_on_youtube).await?;
        // What a jump of the clock makes late was not late.
        if self.poisoned.is_some() && self.late.is_none() {
            let registry = self.proxy.registry();
            let quiet = recordings(&registry, &numbers).filter(|recording| recording.is_quiet());
            self.late = Some(quiet.map(|recording| recording.latest).fold(0.0, f64::max));
        }
        // Past the publish time of every job, and past the life of every access token.
        let days = json!({"advance_seconds": 4 * 86_400});
        controls::set(&self.addresses.supabase, "clock", days).await?;
        self.until("every video is public", Self::are_public)
            .await?;
        Ok(numbers)
    }

    /// A job for each point: of the undisturbed runs, and of what follows a kill.
    pub(super) fn all_points(&self, found: &[(u32, Job)]) -> Vec<Job> {
        let (quiet, after_kills): (Vec<_>, Vec<_>) =
            found.iter().partition(|(_, job)| job.kills.is_empty());
        let quiet: Vec<u32> = quiet.into_iter().map(|(number, _)| *number).collect();
        let usual = self.seen(&quiet);
        let name = |point: &Point| (point.step.clone(), point.call.clone());
        let known: BTreeSet<_> = usual.iter().map(name).collect();
        // A channel's hundredth page is like its third.
        let counts = |point: &Point| !point.step.starts_with("channel.") || point.nth <= 3;
        let of_point = |point| Job {
            kills: vec![point],
            ..Job::default()
        };
        let mut all: Vec<Job> = usual.into_iter().filter(counts).map(of_point).collect();
        for (number, job_after_kill) in after_kills {
            for point in self.seen(&[*number]) {
                if !known.contains(&name(&point)) && point.nth <= 2 {
                    let mut job = job_after_kill.clone();
                    job.kills.push(point);
                    all.push(job);
                }
            }
        }
        all
    }

    /// Every point of these jobs.
    fn seen(&self, numbers: &[u32]) -> Vec<Point> {
        let registry = self.proxy.registry();
        let seen = recordings(&registry, numbers).flat_map(Recording::points);
        let mut points: Vec<Point> = seen.collect();
        points.sort();
        points.dedup();
        points
    }
}
