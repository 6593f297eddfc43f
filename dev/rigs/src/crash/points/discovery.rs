//! Finds the points: takes jobs to their end and writes down every call of their steps.

use std::collections::BTreeSet;

use catalyst_cli::error::Result;

use super::channels::FORGETFUL;
use super::job::Job;
use super::plan::Plan;
use super::point::{Moment, Point};
use super::poison::POISONED;
use super::recording::Recording;
use super::rig::Rig;

/// Jobs that nothing happens to.
const UNDISTURBED: usize = 2;

impl Rig {
    /// The jobs that find the points, with their numbers.
    pub(super) async fn discover(&mut self) -> Result<Vec<(u32, Job)>> {
        let first = self
            .complete(vec![Job::undisturbed()], vec![Plan::Nothing])
            .await?;
        let mut found: Vec<_> = first
            .into_iter()
            .map(|number| (number, Job::undisturbed()))
            .collect();

        // A submit that never left is known as such only where the service's list shows older ones.
        let submit = "revid POST /api/public/v3/render";
        let mut jobs = vec![Job::undisturbed(); UNDISTURBED];
        jobs.extend([
            Job::killed_at("render.advance", submit, 1, Moment::Before, false),
            Job::killed_at("render.advance", submit, 1, Moment::After, false),
            // The third of three.
            Job::killed_at(
                "upload.advance",
                "youtube send piece",
                3,
                Moment::After,
                true,
            ),
        ]);
        self.proxy.registry().closed = true;
        self.poisoned = self
            .make(vec![Plan::Poison(POISONED)], "video")
            .await?
            .first()
            .copied();
        let numbers = self.complete(jobs.clone(), Vec::new()).await?;
        found.extend(numbers.into_iter().zip(jobs));
        Ok(found)
    }

    /// Makes these jobs and takes them to their end; their numbers. Those of forgetful channels come last.
    pub(super) async fn complete(
        &mut self,
        videos: Vec<Job>,
        channels: Vec<Plan>,
    ) -> Result<Vec<u32>> {
        self.proxy.registry().closed = true;
        let mut numbers = Vec::new();
        let (forgetful, others): (Vec<_>, Vec<_>) =
            videos.into_iter().partition(|job| job.forgetful);
        for (jobs, sort) in [(others, "video"), (forgetful, FORGETFUL)] {
            let plans = jobs.iter().map(Job::plan).collect();
            numbers.extend(self.make(plans, sort).await?);
        }
        numbers.extend(self.channels.make(channels, &self.proxy).await?);
        self.proxy.registry().closed = false;
        self.until(
            "every video is on YouTube and every channel is erased",
            Self::are_on_youtube,
        )
        .await?;
        // What a jump of the clock makes late was not late.
        if self.poisoned.is_some() && self.late.is_none() {
            let registry = self.proxy.registry();
            let quiet = numbers
                .iter()
                .filter_map(|number| registry.recordings.get(number))
                .filter(|recording| recording.is_quiet());
            self.late = Some(quiet.map(Recording::latest).fold(0.0, f64::max));
        }
        self.advance_clock().await?;
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
        let known: BTreeSet<_> = usual
            .iter()
            .map(|point| (point.step.clone(), point.call.clone()))
            .collect();
        let mut all: Vec<Job> = usual
            .into_iter()
            // A channel's hundredth page is like its third.
            .filter(|point| !point.step.starts_with("channel.") || point.nth <= 3)
            .map(|point| Job {
                kills: vec![point],
                forgetful: false,
            })
            .collect();
        for (number, job_after_kill) in after_kills {
            for point in self.seen(&[*number]) {
                let is_new = !known.contains(&(point.step.clone(), point.call.clone()));
                if is_new && point.nth <= 2 {
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
        let mut points: Vec<Point> = numbers
            .iter()
            .filter_map(|number| registry.recordings.get(number))
            .flat_map(Recording::points)
            .collect();
        points.sort();
        points.dedup();
        points
    }
}
