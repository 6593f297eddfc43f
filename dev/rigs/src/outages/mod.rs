//! `catalyst-dev outages`: every operation of the API while one of the services behind it is away, slow or answers garbage.
//!
//! Connections to Postgres, the Data API, the key set, Google, YouTube, Gemini and RevID go through a proxy that can refuse,
//! delay, reset, cut and garble them. For each service and each fault every operation is called at once. Whatever
//! happens, an answer must come within the operation's deadline; when it is a refusal it is a problem document that
//! tells nothing of what is inside; and five seconds after the fault has passed the service is used again.

mod answer;
mod calls;
mod fault;
mod matrix;
mod operation_requests;
mod proxied_stack;
mod proxy;
mod verdict;

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use serde_json::Value;
use stack::{Options, Stack};

use crate::environment::{Environment, tell};
use crate::stand_ins::list;
use calls::Calls;
use matrix::Matrix;
use proxied_stack::ProxiedStack;

/// Variables whose values no refusal may hold.
const SECRETS: [&str; 5] = [
    "SUPABASE_SECRET_KEY",
    "CRON_SECRET",
    "GOOGLE_CLIENT_SECRET",
    "GEMINI_API_KEY",
    "REVID_API_KEY",
];

/// The report as a person reads it.
const SUMMARY: &str = "  answers     {cells} in {rounds} rounds; by status {statuses}; the slowest took {slowest_ms} ms
  recovery    {recovered_seconds_max} s at most";

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
    let variables = [
        ("ENABLE_RATE_LIMITING", "true"),
        ("MAX_API_REQUESTS_PER_MINUTE", "100000"),
        ("MAX_VIDEO_GENERATIONS_PER_USER", "100000"),
    ];
    let environment = Environment::new(project, "outages", args.release, &variables)?;
    let rig = async |stack: &mut Stack, environment: &Environment| {
        under_faults(project, stack, &environment.options, args.quick).await
    };
    let (report, reports) = environment.run(project, "logs", false, rig).await?;
    let failed = list(&report, "failed");
    tell(&report, SUMMARY);
    println!(
        "  verdict     {} not as promised; {} s",
        failed.len(),
        report["seconds"]
    );
    for cell in failed {
        tell(
            cell,
            "  NOT KEPT    {service} {fault} {operation}: {status} {code} {wrong}",
        );
    }
    reports.write("report.json", &report)?;
    Ok(failed.is_empty())
}

async fn under_faults(
    project: &Project,
    stack: &Stack,
    options: &Options,
    quick: bool,
) -> Result<Value> {
    let proxied = ProxiedStack::start(project, stack, options).await?;
    let value = |name: &str| stack.environment().get(name).cloned().unwrap_or_default();
    let mut secrets = SECRETS.map(value).to_vec();
    secrets.retain(|secret| !secret.is_empty());
    let report = match Calls::make(proxied.addresses.clone(), value("CRON_SECRET")).await {
        Ok(calls) => Matrix::new(&proxied, calls, &secrets, quick).run().await,
        Err(error) => Err(error),
    };
    proxied.stop().await;
    report
}
