//! `catalyst-dev withdrawals`: uploads are withdrawn at every stage, in every way and under every condition, and then their
//! time passes. None may become public without its user having been told.
//!
//! Withdrawn is what its user cancels, and what belongs to a channel or an account that is erased. Our own count of
//! YouTube's quota must not stand in the way. Where YouTube itself refuses, or does not answer until the time has come, the
//! user is told in the API and by an event, with a link to YouTube Studio.

mod case;
mod round;

use std::collections::BTreeMap;
use std::time::Duration;

use catalyst_cli::error::Result;
use catalyst_cli::project::Project;
use serde_json::{Value, json};
use stack::{Stack, http_client, keep_awake};

use crate::database::{RIG, run_all};
use crate::environment::{Environment, tell};
use case::Stage;
use round::{Condition, LONG_STEPS, Rounds, STEPS};

/// The dispatcher is woken this often, as by many requests.
const WAKE_EVERY: Duration = Duration::from_millis(300);
/// Stages and conditions of the cases that `make test` has the time for.
const QUICK: ([Stage; 3], [Condition; 2]) = (
    [Stage::OutcomeUnknown, Stage::OnYoutube, Stage::Moved],
    [Condition::SpentByAnother, Condition::YoutubeRefuses],
);

/// The report as a person reads it.
const SUMMARY: &str = "  outside     {with_video} of {cases} withdrawn uploads have a video
  verdict     {public} became public without a word, {notices} were told: {why}";

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct WithdrawalsArgs {
    /// Some stages and some conditions only.
    #[arg(long)]
    quick: bool,
    /// Rounds of each condition.
    #[arg(long, default_value_t = 2)]
    rounds: usize,
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
}

/// Runs the rig and writes `withdrawals/report.json` into Cargo's target folder. True when nothing that was withdrawn became
/// public without a word.
///
/// # Errors
///
/// When the stack does not start, an upload does not come to its stage, or the report cannot be written.
pub async fn run(project: &Project, args: &WithdrawalsArgs) -> Result<bool> {
    let variables = [
        ("PIPELINE_LEASE_SECONDS", "5"),
        ("UPLOAD_PIECE_BYTES", "262144"),
        ("ENABLE_RATE_LIMITING", "false"),
        ("LOG_LEVEL", "warn"),
    ];
    let environment = Environment::new(project, "withdrawals", args.release, &variables)?;
    let rig = async |stack: &mut Stack, environment: &Environment| {
        let awake = tokio::spawn(keep_awake(stack.environment().clone(), WAKE_EVERY));
        let report = withdraw(project, stack, args, environment).await;
        awake.abort();
        report
    };
    let (report, reports) = Box::pin(environment.run(project, "logs", false, rig)).await?;
    tell(&report, SUMMARY);
    reports.write("report.json", &report)?;
    Ok(report["public"] == 0)
}

async fn withdraw(
    project: &Project,
    stack: &mut Stack,
    args: &WithdrawalsArgs,
    environment: &Environment,
) -> Result<Value> {
    let (addresses, database) = (stack.addresses(), stack.database().await?);
    run_all(&database, RIG).await?;
    let (stages, conditions, steps): (&[Stage], &[Condition], _) = match args.quick {
        true => (&QUICK.0, &QUICK.1, LONG_STEPS),
        false => (&Stage::ALL, &Condition::ALL, STEPS),
    };
    let mut rounds = Rounds {
        addresses: &addresses,
        database,
        stages,
        steps,
        http: http_client::with_timeout(Duration::from_secs(60))?,
    };
    let mut lines = Vec::new();
    if !args.quick {
        lines.extend(told(
            "restored",
            rounds.run_restored(0, project, stack, environment).await?,
        ));
    }
    let numbers = 0..if args.quick { 1 } else { args.rounds };
    for (number, condition) in numbers.flat_map(|_| conditions).enumerate() {
        lines.extend(told(
            &condition.name(),
            rounds.run(number + 1, *condition).await?,
        ));
    }
    rounds.database.close().await;
    Ok(report(lines))
}

/// Tells a person how a round went.
fn told(condition: &str, round: Vec<Value>) -> Vec<Value> {
    let (cases, public) = (
        round.len(),
        round.iter().filter(|line| is_public(line)).count(),
    );
    println!("  {condition:<20} {cases} cases, {public} public without a word");
    round
}

/// Whether it became public, and nobody was told.
fn is_public(line: &Value) -> bool {
    line["public"] == true && !is_notice(line)
}

fn is_notice(line: &Value) -> bool {
    line["told_by_event"] == true && (line["told_in_api"] == true || line["way"] != "cancel")
}

fn report(lines: Vec<Value>) -> Value {
    let mut why: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| is_notice(line)) {
        *why.entry(line["condition"].as_str().unwrap_or_default())
            .or_default() += 1;
    }
    let count = |counts: &dyn Fn(&Value) -> bool| lines.iter().filter(|line| counts(line)).count();
    json!({
        "cases": lines.len(), "with_video": count(&|line| line["videos"] != 0), "public": count(&is_public),
        "notices": count(&is_notice), "why": why, "list": lines,
    })
}
