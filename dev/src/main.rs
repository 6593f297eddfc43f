//! `catalyst-dev`: the local stack, the demo, the checks and the rigs of those who work on the product.

mod check;

use std::process::ExitCode;

use catalyst_cli::{error::Result, program, project::Project};
use clap::{Parser, Subcommand};
use rigs::{bench, crash, drill, erasure, fairness, outages, spending, withdrawals};
use stack::{demo, exec, stand_ins, up};

/// The Data API makes a tree of small values of every row: a good third of what it does is asking for memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    name = "catalyst-dev",
    version,
    about = "The Content Catalyst Engine on one machine"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the local stack and keep it running until Ctrl-C.
    Up(up::UpArgs),
    /// Stop the stack of this folder.
    Down,
    /// Stop the stack and forget its data and secrets.
    Reset,
    /// Run a command against a fresh stack on free ports, which is thrown away afterwards.
    Exec(exec::ExecArgs),
    /// Start only the stand-ins of the outside services, for a front end's own tests.
    Fakes(stand_ins::FakesArgs),
    /// Run the whole loop once, for a new user, on a stack of its own.
    Demo(demo::DemoArgs),
    /// Compare api/, the manifest, vercel.json and the OpenAPI document with each other.
    Check(check::CheckArgs),
    /// Measure performance: the release build beside the same functions in TypeScript.
    Bench(bench::BenchArgs),
    /// Kill and stall workers while they render and upload, and count what the world outside saw.
    Crash(crash::CrashArgs),
    /// Kill a worker once before and once after every call that a step makes, and count what the world outside saw.
    CrashPoints(crash::points::PointsArgs),
    /// Call every operation while each service behind it is down, slow or answers garbage.
    Outages(outages::OutagesArgs),
    /// Erase a large channel and its owner's account while somebody else uses the service.
    Erasure(erasure::ErasureArgs),
    /// Try to spend more than the deployment may, with many accounts, and count what was charged.
    Spending(spending::SpendingArgs),
    /// Have one channel do all that it can while the uploads of many others are due, and see how late these are.
    Fairness(fairness::FairnessArgs),
    /// Withdraw uploads at every stage and under every condition, and see that none becomes public without a word.
    Withdrawals(withdrawals::WithdrawalsArgs),
    /// Lose the local stack's database in the middle of uploads, recover, and count what the world outside saw.
    Drill(drill::DrillArgs),
}

/// The Data API logs every refusal as an error, although it is the answer that was asked for.
const QUIET: &str = "warn,postrust_engine=off,sqlx=error";

fn main() -> ExitCode {
    program::run("catalyst-dev", QUIET, run(Cli::parse()))
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let project = || Project::find();
    let passed = match cli.command {
        Command::Up(options) => return up::run(&project()?, options).await,
        Command::Down => return up::down(&project()?).await,
        Command::Reset => return up::reset(&project()?).await,
        Command::Exec(options) => return exec::run(&project()?, options).await,
        Command::Fakes(options) => return stand_ins::run(options).await,
        Command::Demo(options) => demo::run(&project()?, &options).await?,
        Command::Check(options) => check::run(&project()?, &options)?,
        Command::Bench(options) => bench::run(&project()?, &options).await?,
        Command::Crash(options) => crash::run(&project()?, &options).await?,
        Command::CrashPoints(options) => crash::points::run(&project()?, &options).await?,
        Command::Outages(options) => outages::run(&project()?, &options).await?,
        Command::Erasure(options) => erasure::run(&project()?, &options).await?,
        Command::Spending(options) => spending::run(&project()?, &options).await?,
        Command::Fairness(options) => fairness::run(&project()?, &options).await?,
        Command::Withdrawals(options) => withdrawals::run(&project()?, &options).await?,
        Command::Drill(options) => drill::run(&project()?, &options).await?,
    };
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
