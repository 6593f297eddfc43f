//! The rig from the start of its stack to its report.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use stack::Stack;

use super::args::PointsArgs;
use super::job::{Job, choose};
use super::plan::Plan;
use super::rig::Rig;
use super::workers::Workers;
use super::{listen, promises};
use crate::environment::Environment;
use crate::reports::tenths;

/// Runs the rig and writes `crash/points.json` into Cargo's target folder. True when every promise was kept.
///
/// # Errors
///
/// When the stack or a worker does not start, or the report cannot be written.
pub async fn run(project: &Project, args: &PointsArgs) -> Result<bool> {
    let environment = Environment::new(
        project,
        "crash",
        args.release,
        &[
            // The stack's own dispatcher never takes a step: it has no time for one.
            ("DISPATCH_BUDGET_SECONDS", "1"),
            ("UPLOAD_PIECE_BYTES", "262144"),
            ("ENABLE_RATE_LIMITING", "false"),
            ("LOG_LEVEL", "warn"),
        ],
    )?;
    let rig = async |stack: &mut Stack, environment: &Environment| {
        let binaries = &environment.options.binaries;
        crash(stack, args, binaries, &environment.logs()).await
    };
    let (report, reports) = environment
        .run(project, "points-logs", args.keep, rig)
        .await?;
    promises::summary(&report);
    reports.write("points.json", &report)?;
    Ok(report["broken"].as_array().is_some_and(Vec::is_empty))
}

async fn crash(stack: &Stack, args: &PointsArgs, binaries: &Path, logs: &Path) -> Result<Value> {
    let began = Instant::now();
    let environment = stack.environment();
    let service = |name: &'static str, variable: &str| {
        (name, environment.get(variable).cloned().unwrap_or_default())
    };
    let (proxy, listening) = listen::start(&[
        service("supabase", "SUPABASE_URL"),
        service("google", "FAKE_GOOGLE_URL"),
        service("youtube", "FAKE_YOUTUBE_URL"),
        service("revid", "FAKE_REVID_URL"),
    ])?;
    let database = stack.database().await?;
    let mut rig = Rig::prepare(stack.addresses(), database, proxy.clone(), args.lease).await?;
    let mut redirected = proxy.redirect(environment);
    redirected.insert("DISPATCH_BUDGET_SECONDS".to_owned(), "280".to_owned());
    redirected.insert("PIPELINE_LEASE_SECONDS".to_owned(), args.lease.to_string());
    proxy.registry().closed = true;
    let workers = Workers::start(&proxy, &redirected, args.workers.max(2), binaries, logs).await?;

    // Some jobs are left alone, some meet what only a kill brings about, and one kills every worker that takes it.
    let found = rig.discover().await?;
    let poison = rig.poison_report().await?;
    let all = rig.all_points(&found);
    let killed = kill_at_each(&mut rig, &all, args).await?;
    let repeated = repeat_everything(&mut rig, &workers, args).await?;
    let doubled = workers.doubled();
    drop((workers, listening));

    let found: Vec<u32> = found.into_iter().map(|(number, _)| number).collect();
    let mut report = rig.report(&all, &[found, killed].concat()).await?;
    report["attempts_accounted"] = json!(rig.attempts_are_accounted().await?);
    report["repeated_steps"] = json!(repeated.steps);
    report["repeated_effects"] = json!(u32::from(repeated.had_effects));
    report["doubled_deliveries"] = json!(doubled);
    report["poison"] = poison;
    report["workers"] = json!(args.workers);
    report["lease_seconds"] = json!(args.lease);
    report["seconds"] = json!(tenths(began.elapsed().as_secs_f64()));
    report["broken"] = json!(promises::broken(&report, args));
    rig.database.close().await;
    Ok(report)
}

/// A job for each of the points that are taken; their numbers.
async fn kill_at_each(rig: &mut Rig, all: &[Job], args: &PointsArgs) -> Result<Vec<u32>> {
    let jobs = choose(all, args);
    rig.deadline = Instant::now() + Duration::from_secs(180 + 3 * jobs.len() as u64);
    let steps: BTreeSet<_> = all
        .iter()
        .filter_map(|job| Some(&job.kills.last()?.step))
        .collect();
    println!(
        "{} points in {} steps; {} of them kill a worker, of {} with leases of {} s",
        all.len(),
        steps.len(),
        jobs.len(),
        args.workers,
        args.lease
    );
    let of_a_channel = |job: &Job| {
        job.kills
            .iter()
            .all(|point| point.step.starts_with("channel."))
    };
    let (channels, videos): (Vec<_>, Vec<_>) = jobs.into_iter().partition(of_a_channel);
    let channels = channels
        .into_iter()
        .map(|job| Plan::Kills(job.kills))
        .collect();
    rig.complete(videos, channels).await
}

/// What running everything again did.
struct Repeated {
    steps: i64,
    had_effects: bool,
}

/// Every step once more, and every occurrence of the schedule twice.
async fn repeat_everything(
    rig: &mut Rig,
    workers: &Workers,
    args: &PointsArgs,
) -> Result<Repeated> {
    let before = rig.effects().await?;
    let steps = rig.repeat_steps().await?;
    let doubled = usize::try_from(workers.doubled()).unwrap_or_default();
    workers
        .deliver_twice(args.doubled.saturating_sub(doubled))
        .await;
    rig.until("every step has run once more", Rig::is_idle)
        .await?;
    let had_effects = before != rig.effects().await?;
    Ok(Repeated { steps, had_effects })
}
