//! `catalyst-dev crash`: real dispatcher processes are killed and stalled while they render and upload, and what the world
//! outside saw is counted.
//!
//! Each job is an approved script, its paid render and its scheduled upload. Several processes of the built dispatcher
//! work on them at once; some are ended by SIGKILL at seeded moments and started again, some are stopped past their lease
//! and then go on. At the end the stand-ins are asked, not only the database: a job has one video and one charge, or the
//! rig says how many it has.

mod count;
mod jobs;
pub mod points;
mod workers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use stack::Stack;

use self::jobs::{Jobs, Progress};
use self::workers::Workers;
use crate::rig::Ground;

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct CrashArgs {
    /// Scripts that are each to become one public video.
    #[arg(long, default_value_t = 200)]
    pub jobs: u32,
    /// Workers killed by SIGKILL.
    #[arg(long, default_value_t = 40)]
    pub kills: u32,
    /// Workers stopped past their lease, which then go on.
    #[arg(long, default_value_t = 6)]
    pub stalls: u32,
    /// Chooses whom to strike and when.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Dispatcher processes.
    #[arg(long, default_value_t = 4)]
    pub workers: usize,
    /// Seconds that a claim is kept without a heartbeat, 2 to 300.
    #[arg(long, default_value_t = 3)]
    pub lease: u32,
    /// Use the functions of the release build.
    #[arg(long)]
    pub release: bool,
    /// Run this dispatcher instead, to see that the rig can fail (docs/reliability.md).
    #[arg(long, value_name = "FILE", hide = true)]
    pub dispatcher: Option<PathBuf>,
    /// Switch the fencing off in the rig's own database, to see that the rig can fail (docs/reliability.md).
    #[arg(long, hide = true)]
    pub unfenced: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    pub keep: bool,
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

/// What the report promises, after what was asked for.
const PROMISED: [&str; 5] = [
    "lost",
    "duplicated_uploads",
    "duplicated_renders",
    "left_running",
    "attempts_accounted",
];
/// Seconds from a worker's last sign of life within which its work must be taken over.
const NOTICED_WITHIN: f64 = 90.0;
/// How often the jobs are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// All strikes are made before this part of the work is done, so that each hits a working process.
const STRUCK_BY: f64 = 0.9;
/// A strike waits no longer than this for the work to get on.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// Runs the rig and writes `crash/report.json` into Cargo's target folder. True when nothing was lost, nothing was done
/// twice and nothing was left running.
///
/// # Errors
///
/// When the stack or a worker does not start, or the report cannot be written.
pub async fn run(project: &Project, args: &CrashArgs) -> Result<bool> {
    let ground = Ground::new(
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
    let stack = ground.start(project).await?;
    let report = strike(&stack, args, &ground.options.binaries, &ground.logs()).await;
    let reports = ground.close(stack, "logs", args.keep).await;
    let report = report?;
    summary(&report);
    reports.write("report.json", &report)?;
    Ok([
        "lost",
        "duplicated_uploads",
        "duplicated_renders",
        "left_running",
    ]
    .iter()
    .all(|name| report[*name] == 0)
        && report["attempts_accounted"] == true
        && report["noticed_seconds_max"].as_f64() <= Some(NOTICED_WITHIN))
}

async fn strike(
    stack: &Stack,
    args: &CrashArgs,
    binaries: &std::path::Path,
    logs: &std::path::Path,
) -> Result<Value> {
    let database = database(stack).await?;
    let jobs = Jobs::make(stack, &database, args.jobs, args.lease).await?;
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
    let mut chaos = Chaos::new(args);
    let mut told = Instant::now();
    let progress = loop {
        let progress = jobs.look(&database).await?;
        if (progress.is_over() && chaos.is_over()) || began.elapsed() > args.deadline() {
            break progress;
        }
        jobs.ask_again(&database).await?;
        chaos.strike(&workers, &progress).await?;
        if told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            println!(
                "  {:>4} s  {progress}, {} kills, {} stalls",
                began.elapsed().as_secs(),
                chaos.kills,
                chaos.stalls
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    let seconds = began.elapsed().as_secs_f64();
    // Whoever was stopped wakes up and finds that its claims are no longer its own.
    workers.settle(&database, args.lease()).await?;
    let mut report = json!({
        "jobs": args.jobs, "kills": chaos.kills, "stalls": chaos.stalls, "seed": args.seed,
    });
    let counted = count::world(stack, &database, args.jobs).await?;
    if let (Value::Object(report), Value::Object(mut counted)) = (&mut report, counted) {
        // What was promised comes first, and in this order.
        for name in PROMISED {
            report.insert(name.into(), counted.remove(name).unwrap_or_default());
        }
        report.insert("seconds".into(), json!((seconds * 10.0).round() / 10.0));
        report.extend(counted);
        report.insert("workers".into(), json!(args.workers));
        report.insert("lease_seconds".into(), json!(args.lease));
        report.insert("wakes".into(), json!(workers.wakes()));
    }
    workers.stop().await;
    database.close().await;
    if !progress.is_over() {
        println!("  not over after {seconds:.0} s: {progress}");
    }
    Ok(report)
}

async fn database(stack: &Stack) -> Result<PgPool> {
    let url = stack
        .environment()
        .get("DATABASE_URL")
        .cloned()
        .unwrap_or_default();
    PgPoolOptions::new()
        .max_connections(2)
        .connect(&url)
        .await
        .map_err(Error::database("cannot connect to the stack's database"))
}

/// A strike against one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strike {
    Kill,
    Stall,
}

/// The strikes in their order, spread over the work.
struct Chaos {
    strikes: Vec<Strike>,
    next: usize,
    last: Instant,
    pause: Duration,
    kills: u32,
    stalls: u32,
    random: fastrand::Rng,
    lease: Duration,
}

impl Chaos {
    fn new(args: &CrashArgs) -> Self {
        let mut random = fastrand::Rng::with_seed(args.seed);
        let mut strikes = vec![Strike::Kill; args.kills as usize];
        strikes.extend(vec![Strike::Stall; args.stalls as usize]);
        random.shuffle(&mut strikes);
        Self {
            strikes,
            next: 0,
            last: Instant::now(),
            pause: Duration::from_millis(500),
            kills: 0,
            stalls: 0,
            random,
            lease: args.lease(),
        }
    }

    fn is_over(&self) -> bool {
        self.next == self.strikes.len()
    }

    /// Makes every strike that is due by now.
    async fn strike(&mut self, workers: &Workers, progress: &Progress) -> Result {
        while let Some(strike) = self.strikes.get(self.next) {
            let due = self.next as f64 / self.strikes.len() as f64 * STRUCK_BY;
            let since = self.last.elapsed();
            if since < self.pause && progress.share() < due + 0.05 {
                return Ok(());
            }
            if progress.share() < due && since < PATIENCE {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(self.random.u64(0..120))).await;
            match strike {
                Strike::Kill => {
                    workers.kill(self.random.usize(..)).await?;
                    self.kills += 1;
                }
                Strike::Stall => {
                    let past = Duration::from_millis(self.random.u64(500..2_500));
                    workers
                        .stall(self.random.usize(..), self.lease + past)
                        .await;
                    self.stalls += 1;
                }
            }
            self.next += 1;
            self.last = Instant::now();
            self.pause = Duration::from_millis(self.random.u64(0..600));
        }
        Ok(())
    }
}

fn summary(report: &Value) {
    let number = |name: &str| report[name].to_string();
    println!(
        "  outside     {} videos and {} paid renders for {} jobs",
        number("videos_created"),
        number("renders_charged"),
        number("jobs")
    );
    println!(
        "  struck      {} killed, {} stalled; {} of {} claims were taken over, the longest silence was {} s",
        number("kills"),
        number("stalls"),
        number("taken_over"),
        number("claims"),
        number("noticed_seconds_max")
    );
    println!(
        "  verdict     lost {}, duplicated uploads {}, duplicated renders {}, left running {}, every attempt accounted for: {}; {} s",
        number("lost"),
        number("duplicated_uploads"),
        number("duplicated_renders"),
        number("left_running"),
        number("attempts_accounted"),
        number("seconds")
    );
}
