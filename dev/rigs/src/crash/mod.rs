//! `catalyst-dev crash`: real dispatcher processes are killed and stalled while they render and upload, and what the world
//! outside saw is counted.
//!
//! Each job is an approved script, its paid render and its scheduled upload. Several processes of the built dispatcher
//! work on them at once; some are ended by SIGKILL at seeded moments and started again, some are stopped past their lease
//! and then go on. At the end the stand-ins are asked, not only the database: a job has one video and one charge, or the
//! rig says how many it has.

mod deployment;
mod effects;
mod faults;
mod jobs;
pub mod points;
mod promises;
pub(crate) mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::Stack;

use crate::database::{run_all, value};
use crate::environment::{Environment, tell, tenths};
use faults::Faults;
use jobs::{Jobs, Progress};
use workers::{DISPATCHER, Workers};

/// How often the jobs are looked at.
const POLL_EVERY: Duration = Duration::from_millis(250);
/// How often a person is told how far they are.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct CrashArgs {
    /// Scripts that are each to become one public video.
    #[arg(long, default_value_t = 200)]
    jobs: u32,
    /// Workers killed by SIGKILL.
    #[arg(long, default_value_t = 40)]
    kills: u32,
    /// Workers stopped past their lease, which then go on.
    #[arg(long, default_value_t = 6)]
    stalls: u32,
    /// Chooses which worker to kill or stall, and when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Dispatcher processes.
    #[arg(long, default_value_t = 4)]
    workers: usize,
    /// Seconds that a claim is kept without a heartbeat, 2 to 300.
    #[arg(long, default_value_t = 3)]
    lease: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
    /// Run this dispatcher instead, to see that the rig can fail (docs/reliability.md).
    #[arg(long, value_name = "FILE", hide = true)]
    dispatcher: Option<PathBuf>,
    /// Switch the fencing off in the rig's own database, to see that the rig can fail (docs/reliability.md).
    #[arg(long, hide = true)]
    unfenced: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    keep: bool,
}

impl CrashArgs {
    fn lease(&self) -> Duration {
        Duration::from_secs(self.lease.into())
    }

    /// After this time whatever is not done counts as left running.
    fn deadline(&self) -> Duration {
        Duration::from_secs(180) + Duration::from_secs(1) * self.jobs
    }
}

/// Runs the rig and writes `crash/report.json` into Cargo's target folder. True when nothing was lost, nothing was done
/// twice and nothing was left running.
///
/// # Errors
///
/// When the stack or a worker does not start, or the report cannot be written.
pub async fn run(project: &Project, args: &CrashArgs) -> Result<bool> {
    let variables = [
        ("PIPELINE_LEASE_SECONDS", &*args.lease.to_string()),
        // Several pieces to a file, so that a kill between two of them is nothing rare.
        ("UPLOAD_PIECE_BYTES", "262144"),
        ("ENABLE_RATE_LIMITING", "false"),
        ("LOG_LEVEL", "warn"),
    ];
    let environment = Environment::new(project, "crash", args.release, &variables)?;
    let rig =
        async |stack: &mut Stack, environment: &Environment| crash(stack, args, environment).await;
    let (report, reports) = environment.run(project, "logs", args.keep, rig).await?;
    tell(&report, promises::SUMMARY);
    reports.write("report.json", &report)?;
    Ok(promises::are_kept(&report))
}

async fn crash(stack: &Stack, args: &CrashArgs, environment: &Environment) -> Result<Value> {
    let addresses = stack.addresses();
    let database = stack.database().await?;
    let jobs = Jobs::make(&addresses, &database, args.jobs, args.lease).await?;
    if args.unfenced {
        run_all(&database, include_str!("unfenced.sql")).await?;
    }
    let workers = Workers::new(args.workers.max(1), stack.environment())?;
    let mut variables = stack.environment().clone();
    let deployment =
        deployment::serve(workers.clone(), &mut variables, &database, environment).await?;
    let built = environment.options.binaries.join(DISPATCHER);
    let binary = args.dispatcher.as_ref().unwrap_or(&built);
    let processes = workers
        .start(binary, &variables, &environment.logs())
        .await?;
    let settings = json!({
        "jobs": args.jobs, "channels": jobs.channels, "workers": args.workers, "lease_seconds": args.lease,
        "kills": args.kills, "stalls": args.stalls, "seed": args.seed,
    });
    tell(
        &settings,
        "{jobs} jobs on {channels} channels, {workers} workers, leases of {lease_seconds} s; {kills} kills and {stalls} stalls, seed {seed}",
    );
    let began = Instant::now();
    let mut faults = Faults::new(args.kills, args.stalls, args.seed, args.lease());
    let progress = work(&database, &jobs, &workers, args, &mut faults).await?;
    let seconds = began.elapsed().as_secs_f64();
    // A worker that was stopped wakes up and finds that its claims are no longer its own.
    settle(&workers, &database, args.lease()).await?;
    let counted = effects::count(&addresses, &database, args.jobs).await?;
    let mut report = json!({"jobs": args.jobs, "kills": faults.kills, "stalls": faults.stalls, "seed": args.seed});
    promises::add_counts(&mut report, counted, seconds);
    report["workers"] = json!(args.workers);
    report["lease_seconds"] = json!(args.lease);
    report["wakes"] = json!(workers.wakes);
    drop(processes);
    deployment.abort();
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
    workers: &Arc<Workers>,
    args: &CrashArgs,
    faults: &mut Faults,
) -> Result<Progress> {
    let began = Instant::now();
    let mut told = began;
    loop {
        let progress = Progress::read(database).await?;
        let is_over = progress.is_over() && faults.are_over();
        if is_over || began.elapsed() > args.deadline() {
            return Ok(progress);
        }
        jobs.resubmit_lost(database).await?;
        faults.inject(workers, progress.share()).await;
        if told.elapsed() > TELL_EVERY {
            told = Instant::now();
            let (seconds, Faults { kills, stalls, .. }) = (began.elapsed().as_secs(), &*faults);
            println!("  {seconds:>4} s  {progress}, {kills} kills, {stalls} stalls");
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

/// Waits until every worker is there again and every claim has ended, a few leases at most.
async fn settle(workers: &Workers, database: &PgPool, lease: Duration) -> Result {
    let until = Instant::now() + 3 * lease;
    let running = "select exists (select from private.steps where state = 'running')";
    while Instant::now() < until
        && (!workers.all_run() || value::<bool>(database, running, ()).await?)
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What a worker that has just woken up still wants to write is refused by now, or was in time.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}
