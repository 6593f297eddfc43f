//! A benchmark from its preparations to its report.

use catalyst_cli::error::{Error, Result};
use catalyst_cli::project::Project;
use uuid::Uuid;

use super::args::BenchArgs;
use super::own_runtime::on_own_runtime;
use super::parts::{Ending, Parts, within};
use super::report::Report;
use super::routes::Route;
use super::testbed::Testbed;
use super::{
    channel_sync, equivalence, growth, instructions, machine, peer, performance_page, publish,
    saturation, scoring, size, start, steps, warm,
};
use crate::reports::Reports;

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
    peer::build(project).await?;
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
    let (missing, machine) = (parts.missing(), machine::facts());
    reports.write("report.json", &report.to_json(&machine, &missing))?;
    match ending {
        Ending::Finished => {}
        Ending::Failed(error) => return Err(error),
        Ending::OutOfTime => println!(
            "not measured, because this machine takes longer than {} s for all: {}; `--only` measures a part",
            args.time_limit().as_secs(),
            missing.join(", ")
        ),
    }
    if args.write_docs {
        performance_page::write(project, &report.to_markdown(&machine))?;
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
        on_own_runtime(start::measure(testbed, report))?;
        parts.finish("start");
    }
    if parts.wants("warm") {
        for route in routes {
            testbed.bypass_cache(&testbed.user).await?;
            on_own_runtime(warm::measure(testbed, report, route))?;
        }
        parts.finish("warm");
    }
    if parts.wants("saturation") {
        testbed.bypass_cache(&testbed.user).await?;
        on_own_runtime(saturation::measure(testbed, report))?;
        parts.finish("saturation");
    }
    Ok(())
}

async fn prepare_routes(testbed: &Testbed, channel: Uuid) -> Result<[Route; 4]> {
    let video = sqlx::query_scalar(
        "select s.video_id from public.performance_scores s join public.video_snapshots v using (video_id)
         where s.channel_id = $1 and s.score is not null group by s.video_id order by count(*) desc limit 1",
    )
    .bind(channel)
    .fetch_one(&testbed.database)
    .await
    .map_err(Error::database("no video of the channel has a score"))?;
    testbed.allow_any_schedule(channel).await?;
    let creations = i32::try_from(warm::CREATIONS).unwrap_or(i32::MAX);
    testbed.make_renders(channel, creations).await?;
    Ok([
        Route::List,
        Route::Detail(video),
        Route::Create(channel),
        Route::Metrics,
    ])
}
