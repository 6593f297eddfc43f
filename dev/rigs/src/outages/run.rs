//! The rig from the start of its stack to its report.

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use serde_json::Value;
use stack::{Options, Stack};

use super::calls::Calls;
use super::matrix::Matrix;
use super::proxied_stack::ProxiedStack;
use crate::environment::Environment;

/// Variables whose values no refusal may hold.
const SECRETS: [&str; 5] = [
    "SUPABASE_SECRET_KEY",
    "CRON_SECRET",
    "GOOGLE_CLIENT_SECRET",
    "GEMINI_API_KEY",
    "REVID_API_KEY",
];

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct OutagesArgs {
    /// The rounds that `make test` has the time for: each fault of the Data API, each of all providers at once, and some of
    /// the others; without the operations that may take a minute while answers are slow.
    #[arg(long)]
    quick: bool,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Runs the matrix and writes `outages/report.json` into Cargo's target folder. True when every cell was as promised.
///
/// # Errors
///
/// When the stack does not start, a healthy stack refuses, or the report cannot be written.
pub async fn run(project: &Project, args: &OutagesArgs) -> Result<bool> {
    let environment = Environment::new(
        project,
        "outages",
        args.release,
        &[
            ("ENABLE_RATE_LIMITING", "true"),
            ("MAX_API_REQUESTS_PER_MINUTE", "100000"),
            ("MAX_VIDEO_GENERATIONS_PER_USER", "100000"),
        ],
    )?;
    let rig = async |stack: &mut Stack, environment: &Environment| {
        under_faults(project, stack, &environment.options, args.quick).await
    };
    let (report, reports) = environment.run(project, "logs", false, rig).await?;
    summary(&report);
    reports.write("report.json", &report)?;
    Ok(report["failed"].as_array().is_some_and(Vec::is_empty))
}

async fn under_faults(
    project: &Project,
    stack: &Stack,
    options: &Options,
    quick: bool,
) -> Result<Value> {
    let proxied = ProxiedStack::start(project, stack, &options.binaries, &options.state).await?;
    let value = |name: &str| stack.environment().get(name).cloned().unwrap_or_default();
    let secrets = SECRETS
        .map(value)
        .into_iter()
        .filter(|value| !value.is_empty())
        .collect();
    let report = match Calls::make(proxied.addresses().clone(), value("CRON_SECRET")).await {
        Ok(calls) => Matrix::new(&proxied, calls, secrets, quick).run().await,
        Err(error) => Err(error),
    };
    proxied.stop().await;
    report
}

fn summary(report: &Value) {
    println!(
        "  answers     {} in {} rounds; by status {}; the slowest took {} ms",
        report["cells"], report["rounds"], report["statuses"], report["slowest_ms"]
    );
    println!(
        "  recovery    {} s at most",
        report["recovered_seconds_max"]
    );
    let failed = report["failed"].as_array().map_or(0, Vec::len);
    println!(
        "  verdict     {failed} not as promised; {} s",
        report["seconds"]
    );
    for cell in report["failed"].as_array().into_iter().flatten() {
        println!(
            "  NOT KEPT    {} {} {}: {} {} {}",
            cell["service"],
            cell["fault"],
            cell["operation"],
            cell["status"],
            cell["code"],
            cell["wrong"]
        );
    }
}
