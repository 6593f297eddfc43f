//! `catalyst-dev bench`: the release functions side by side with the same functions in TypeScript, and with the limit that
//! PostgREST, the queue and the wire set. docs/performance.md says how to read it.
//!
//! Everything runs on one machine, against one stack, in one go; what is compared is measured in turns. What is measured
//! is what ships.

mod channel_sync;
mod direct;
mod equivalence;
mod growth;
mod instructions;
mod machine;
mod parts;
mod publish;
mod report;
mod routes;
mod row;
mod saturation;
mod scoring;
mod server;
mod size;
mod start;
mod steps;
mod testbed;
mod warm;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use uuid::Uuid;

use crate::{database::value, environment::Reports};
use parts::{Ending, Parts, within};
use report::Report;
use routes::Route;
use testbed::Testbed;

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Only these parts: size, scoring, sync, start, warm, saturation, steps, publish, instructions, growth.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Videos behind the largest list, and records behind the metrics; ten million take 12 GB of disk.
    #[arg(long, default_value_t = 10_000_000)]
    rows: i32,
    /// A real channel to synchronise: a CSV file with the columns title, published_at, views, likes, comments.
    #[arg(long)]
    catalog: Option<PathBuf>,
    /// Make what is counted now the budget of instructions.
    #[arg(long)]
    write_budgets: bool,
    /// End after so long with the rows that were measured by then; ten minutes, and longer for more rows, without it.
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<u64>,
    /// Put the table into docs/performance.md.
    #[arg(long)]
    write_docs: bool,
    /// Measure a clean release build instead, for the next report.
    #[arg(long)]
    build: bool,
}

impl BenchArgs {
    fn time_limit(&self) -> Duration {
        let more_rows = self.rows.saturating_sub(10_000_000) / 50_000;
        let usual = 600 + u64::try_from(more_rows).unwrap_or_default();
        Duration::from_secs(self.time_limit.unwrap_or(usual))
    }
}

/// Measures and writes `bench/report.json` into Cargo's target folder. True when every row shows what it must. Where the time
/// does not suffice, or a part fails, the report holds the rows that were measured and names what is missing.
///
/// # Errors
///
/// When the stack or a function does not start, the peer's answers differ, a part fails, or the report cannot be written.
pub async fn run(project: &Project, args: &BenchArgs) -> Result<bool> {
    let reports = Reports::of(project, "bench", true)?;
    if args.build {
        size::build(project, &reports).await?;
        return Ok(true);
    }
    equivalence::build_peer(project).await?;
    let mut report = Report::default();
    let mut parts = Parts::of(&args.only);
    if parts.wants("size") {
        size::measure(project, &reports, &mut report)?;
    }
    if parts.wants("scoring") {
        scoring::measure(&mut report);
    }
    let testbed = Testbed::start(project).await?;
    let measuring = measure(project, &testbed, args, &mut report, &mut parts);
    let ending = within(args.time_limit(), measuring).await;
    testbed.stop().await;
    let (missing, machine) = (parts.missing(), machine::machine());
    reports.write("report.json", &report.to_json(&machine, &missing))?;
    match ending {
        Ending::Finished => {}
        Ending::Failed(error) => return Err(error),
        Ending::OutOfTime => {
            let (limit, missing) = (args.time_limit().as_secs(), missing.join(", "));
            println!(
                "not measured, because this machine takes longer than {limit} s for all: {missing}; `--only` measures a part"
            );
        }
    }
    if args.write_docs {
        report.write_page(project, &machine)?;
    }
    Ok(missing.is_empty() && report.is_met())
}

async fn measure(
    project: &Project,
    testbed: &Testbed,
    args: &BenchArgs,
    report: &mut Report,
    parts: &mut Parts<'_>,
) -> Result {
    let channel = channel_sync::measure(testbed, report, args.catalog.as_deref()).await?;
    parts.finish("sync");
    testbed.stop_scheduler().await?;
    measure_routes(testbed, report, parts, channel).await?;
    if parts.wants("steps") {
        // The entries that were just scheduled are not to be uploaded meanwhile.
        testbed.stop_scheduler().await?;
        steps::measure(testbed, report).await?;
        parts.finish("steps");
    }
    if parts.wants("publish") {
        publish::measure(testbed, report).await?;
        parts.finish("publish");
    }
    if parts.wants("instructions") {
        instructions::measure(testbed, project, report, args.write_budgets).await?;
        parts.finish("instructions");
    }
    if parts.wants("growth") {
        growth::measure(testbed, report, args.rows).await?;
        parts.finish("growth");
    }
    Ok(())
}

/// What is measured on the synchronised channel.
async fn measure_routes(
    testbed: &Testbed,
    report: &mut Report,
    parts: &mut Parts<'_>,
    channel: Uuid,
) -> Result {
    if !["start", "warm", "saturation"]
        .iter()
        .any(|part| parts.wants(part))
    {
        return Ok(());
    }
    let routes = prepare_routes(testbed, channel).await?;
    for route in routes {
        equivalence::check(testbed, route).await?;
    }
    if parts.wants("start") {
        on_own_runtime(|| start::measure(testbed, report))?;
        parts.finish("start");
    }
    if parts.wants("warm") {
        for route in routes {
            testbed.bypass_cache(&testbed.user).await?;
            on_own_runtime(|| warm::measure(testbed, report, route))?;
        }
        parts.finish("warm");
    }
    if parts.wants("saturation") {
        testbed.bypass_cache(&testbed.user).await?;
        on_own_runtime(|| saturation::measure(testbed, report))?;
        parts.finish("saturation");
    }
    Ok(())
}

async fn prepare_routes(testbed: &Testbed, channel: Uuid) -> Result<[Route; 4]> {
    let video = "select s.video_id from public.performance_scores s join public.video_snapshots v using (video_id)
         where s.channel_id = $1 and s.score is not null group by s.video_id order by count(*) desc limit 1";
    let video = value(&testbed.database, video, (channel,)).await?;
    testbed.allow_any_schedule(channel).await?;
    let creations = i32::try_from(warm::CREATIONS).unwrap_or(i32::MAX);
    testbed.make_renders(channel, creations).await?;
    Ok([
        Route::List,
        Route::Detail(video),
        Route::Create,
        Route::Metrics,
    ])
}

/// Runs a measurement on a thread and a runtime of its own; what it opens has to be closed in it. The gateway and the
/// stand-ins live in this process: a client that shared their threads would be woken by them, as no client of a deployment is.
fn on_own_runtime<F: Future<Output = Result>>(work: impl FnOnce() -> F + Send) -> Result {
    tokio::task::block_in_place(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::io("cannot make a runtime"))?;
        std::thread::scope(|scope| {
            let measuring = scope.spawn(|| runtime.block_on(work()));
            let broke = |_| Error::setup("a measurement panicked", "this is a fault of the tool");
            measuring.join().map_err(broke)?
        })
    })
}
