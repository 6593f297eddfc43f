//! `catalyst-dev crash-points`: every call that a step makes is a point at which its process may die, so at each of them one does.
//!
//! First one job of each sort goes its way undisturbed and every call of its steps is written down: to the outside
//! services, and to the functions that change the database. Then each point gets a job of its own, whose worker is ended
//! by SIGKILL once, just before the call leaves or just after it had its effect. At last every step is run again as a
//! whole, and the scheduler delivers each occurrence twice. What counts is what the stand-ins and the database hold
//! afterwards.

mod channels;
mod discovery;
mod intercept;
mod job;
mod proxy;
mod recording;
mod report;
mod rig;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use stack::Stack;

use super::workers::{DISPATCHER, Workers};
use crate::environment::{Environment, tell, tenths};
use crate::stand_ins::list;
use job::Job;
use rig::Rig;

/// Deliveries under way at a time when many are made.
const AT_ONCE: usize = 4;

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct PointsArgs {
    /// Kill at this many points only, spread evenly over all; 0 kills at every one.
    #[arg(long, default_value_t = 0)]
    points: usize,
    /// Occurrences of the schedule that are delivered twice while every step runs again.
    #[arg(long, default_value_t = 1_000)]
    doubled: usize,
    /// Which of the points, when not all are taken.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Dispatcher processes.
    #[arg(long, default_value_t = 6)]
    workers: usize,
    /// Seconds that a claim is kept without a heartbeat, 2 to 300.
    #[arg(long, default_value_t = 3)]
    lease: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    keep: bool,
}

impl PointsArgs {
    /// All jobs, or some of them, spread evenly.
    fn choose(&self, all: &[Job]) -> Vec<Job> {
        if self.points == 0 || self.points >= all.len() {
            return all.to_vec();
        }
        let stride = all.len() as f64 / self.points as f64;
        let shift = self.seed as usize % (stride.ceil() as usize).max(1);
        (0..self.points)
            .map(|n| all[((n as f64 * stride) as usize + shift) % all.len()].clone())
            .collect()
    }
}

/// Runs the rig and writes `crash/points.json` into Cargo's target folder. True when every promise was kept.
///
/// # Errors
///
/// When the stack or a worker does not start, or the report cannot be written.
pub async fn run(project: &Project, args: &PointsArgs) -> Result<bool> {
    let variables = [
        // The stack's own dispatcher never takes a step: it has no time for one.
        ("DISPATCH_BUDGET_SECONDS", "1"),
        ("UPLOAD_PIECE_BYTES", "262144"),
        ("ENABLE_RATE_LIMITING", "false"),
        ("LOG_LEVEL", "warn"),
    ];
    let environment = Environment::new(project, "crash", args.release, &variables)?;
    let rig =
        async |stack: &mut Stack, environment: &Environment| crash(stack, args, environment).await;
    let (report, reports) = environment
        .run(project, "points-logs", args.keep, rig)
        .await?;
    tell(&report, report::SUMMARY);
    let broken = list(&report, "broken");
    for promise in broken {
        println!("  NOT KEPT    {promise}");
    }
    reports.write("points.json", &report)?;
    Ok(broken.is_empty())
}

async fn crash(stack: &Stack, args: &PointsArgs, environment: &Environment) -> Result<Value> {
    let began = Instant::now();
    let workers = Workers::new(args.workers.max(2), stack.environment())?;
    let (proxy, listening) = intercept::listen(stack.environment(), &workers)?;
    let database = stack.database().await?;
    let mut rig = Rig::prepare(stack.addresses(), database, proxy.clone(), args.lease).await?;
    let mut redirected = proxy.redirect(stack.environment());
    redirected.insert("DISPATCH_BUDGET_SECONDS".to_owned(), "280".to_owned());
    redirected.insert("PIPELINE_LEASE_SECONDS".to_owned(), args.lease.to_string());
    proxy.registry().closed = true;
    let binary = environment.options.binaries.join(DISPATCHER);
    let processes = workers
        .start(&binary, &redirected, &environment.logs())
        .await?;

    // Some jobs are left alone, some meet what only a kill brings about, and one kills every worker that takes it.
    let found = rig.discover().await?;
    let poison = rig.poison_report().await?;
    let all = rig.all_points(&found);
    let killed = kill_at_each(&mut rig, &all, args).await?;

    // Every step once more, and every occurrence of the schedule twice.
    let before = rig.effects().await?;
    let repeated = rig.repeat_steps().await?;
    let done = workers.doubled.load(Ordering::Relaxed) as usize;
    let deliver = |number| workers.wake_two(number);
    stream::iter(done..args.doubled)
        .for_each_concurrent(AT_ONCE, deliver)
        .await;
    rig.until("every step has run once more", Rig::is_idle)
        .await?;
    let had_effects = before != rig.effects().await?;
    let doubled = workers.doubled.load(Ordering::Relaxed);
    drop((processes, listening));

    let found: Vec<u32> = found.into_iter().map(|(number, _)| number).collect();
    let mut report = rig.report(&all, &[found, killed].concat()).await?;
    report["repeated_steps"] = json!(repeated);
    report["repeated_effects"] = json!(u32::from(had_effects));
    report["doubled_deliveries"] = json!(doubled);
    report["poison"] = poison;
    report["workers"] = json!(args.workers);
    report["lease_seconds"] = json!(args.lease);
    report["seconds"] = json!(tenths(began.elapsed().as_secs_f64()));
    report["broken"] = json!(report::broken(&report, args.lease, args.doubled));
    rig.database.close().await;
    Ok(report)
}

/// A job for each of the points that are taken; their numbers.
async fn kill_at_each(rig: &mut Rig, all: &[Job], args: &PointsArgs) -> Result<Vec<u32>> {
    let jobs = args.choose(all);
    rig.deadline = Instant::now() + Duration::from_secs(180 + 3 * jobs.len() as u64);
    let steps: BTreeSet<_> = all
        .iter()
        .filter_map(|job| Some(&job.kills.last()?.step))
        .collect();
    let (points, steps, chosen, PointsArgs { workers, lease, .. }) =
        (all.len(), steps.len(), jobs.len(), args);
    println!(
        "{points} points in {steps} steps; {chosen} of them kill a worker, of {workers} with leases of {lease} s"
    );
    let of_a_channel = |job: &Job| {
        job.kills
            .iter()
            .all(|point| point.step.starts_with("channel."))
    };
    let (channels, videos): (Vec<_>, Vec<_>) = jobs.into_iter().partition(of_a_channel);
    rig.complete(videos, channels).await
}
