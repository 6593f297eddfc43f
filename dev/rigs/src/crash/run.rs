//! The rig from the start of its stack to its report.

use std::path::Path;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::Stack;

use super::args::CrashArgs;
use super::faults::Faults;
use super::jobs::{Jobs, Progress};
use super::workers::Workers;
use super::{effects, promises};
use crate::environment::Environment;
use crate::reports::tenths;

/// How often the jobs are looked at.
const POLL_EVERY: Duration = Duration::from_millis(250);
/// How often a person is told how far they are.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Runs the rig and writes `crash/report.json` into Cargo's target folder. True when nothing was lost, nothing was done
/// twice and nothing was left running.
///
/// # Errors
///
/// When the stack or a worker does not start, or the report cannot be written.
pub async fn run(project: &Project, args: &CrashArgs) -> Result<bool> {
    let environment = Environment::new(
        project,
        "crash",
        args.release,
        &[
            ("PIPELINE_LEASE_SECONDS", &args.lease.to_string()),
            // Several pieces to a file, so that a kill between two of them is nothing rare.
            ("UPLOAD_PIECE_BYTES", "262144"),
            ("ENABLE_RATE_LIMITING", "false"),
            ("LOG_LEVEL", "warn"),
        ],
    )?;
    let rig = async |stack: &mut Stack, environment: &Environment| {
        let binaries = &environment.options.binaries;
        crash(stack, args, binaries, &environment.logs()).await
    };
    let (report, reports) = environment.run(project, "logs", args.keep, rig).await?;
    promises::summary(&report);
    reports.write("report.json", &report)?;
    Ok(promises::are_kept(&report))
}

async fn crash(stack: &Stack, args: &CrashArgs, binaries: &Path, logs: &Path) -> Result<Value> {
    let addresses = stack.addresses();
    let database = stack.database().await?;
    let jobs = Jobs::make(&addresses, &database, args.jobs, args.lease).await?;
    if args.unfenced {
        sqlx::raw_sql(include_str!("unfenced.sql"))
            .execute(&database)
            .await
            .map_err(Error::database("cannot switch the fencing off"))?;
    }
    let workers = Workers::start(stack, &database, args, binaries, logs).await?;
    println!(
        "{} jobs on {} channels, {} workers, leases of {} s; {} kills and {} stalls, seed {}",
        args.jobs,
        jobs.channels(),
        args.workers,
        args.lease,
        args.kills,
        args.stalls,
        args.seed
    );
    let began = Instant::now();
    let mut faults = Faults::new(args);
    let progress = work(&database, &jobs, &workers, args, &mut faults).await?;
    let seconds = began.elapsed().as_secs_f64();
    // A worker that was stopped wakes up and finds that its claims are no longer its own.
    workers.settle(&database, args.lease()).await?;
    let counted = effects::count(&addresses, &database, args.jobs).await?;
    let mut report = json!({
        "jobs": args.jobs, "kills": faults.kills(), "stalls": faults.stalls(), "seed": args.seed,
    });
    promises::add_counts(&mut report, counted, seconds);
    report["workers"] = json!(args.workers);
    report["lease_seconds"] = json!(args.lease);
    report["wakes"] = json!(workers.wakes());
    workers.stop().await;
    database.close().await;
    if !progress.is_over() {
        println!("  not over after {} s: {progress}", tenths(seconds));
    }
    Ok(report)
}

/// Injects the faults until the work is over, or its time is.
async fn work(
    database: &PgPool,
    jobs: &Jobs,
    workers: &Workers,
    args: &CrashArgs,
    faults: &mut Faults,
) -> Result<Progress> {
    let began = Instant::now();
    let mut told = began;
    loop {
        let progress = jobs.progress(database).await?;
        let is_over = progress.is_over() && faults.are_over();
        if is_over || began.elapsed() > args.deadline() {
            return Ok(progress);
        }
        jobs.resubmit_lost(database).await?;
        faults.inject(workers, progress.share()).await?;
        if told.elapsed() > TELL_EVERY {
            told = Instant::now();
            println!(
                "  {:>4} s  {progress}, {} kills, {} stalls",
                began.elapsed().as_secs(),
                faults.kills(),
                faults.stalls()
            );
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}
