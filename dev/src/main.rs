//! `catalyst-dev`: the local stack, the demo, the checks and the rigs of those who work on the product.

use std::process::ExitCode;

use catalyst_cli::{Error, error::Result, program, project::Project};
use clap::{Args, Parser, Subcommand};
use rigs::{bench, crash, drill, erasure, outages, spending, withdrawals};
use stack::{check, demo, exec, stand_ins, up};

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
    Check(Check),
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
    /// Withdraw uploads at every stage and under every condition, and see that none becomes public without a word.
    Withdrawals(withdrawals::WithdrawalsArgs),
    /// Lose the local stack's database in the middle of uploads, recover, and count what the world outside saw.
    Drill(drill::DrillArgs),
}

#[derive(Debug, Args)]
struct Check {
    /// Write the generated documents anew first.
    #[arg(long)]
    write: bool,
    /// Tell instead where requests lead: lines of JSON on standard input, {"target": "/api/me", "headers": {}}.
    #[arg(long, conflicts_with = "write")]
    routes: bool,
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
        Command::Check(options) => check(&project()?, &options)?,
        Command::Bench(options) => bench::run(&project()?, &options).await?,
        Command::Crash(options) => crash::run(&project()?, &options).await?,
        Command::CrashPoints(options) => crash::points::run(&project()?, &options).await?,
        Command::Outages(options) => outages::run(&project()?, &options).await?,
        Command::Erasure(options) => erasure::run(&project()?, &options).await?,
        Command::Spending(options) => spending::run(&project()?, &options).await?,
        Command::Withdrawals(options) => withdrawals::run(&project()?, &options).await?,
        Command::Drill(options) => drill::run(&project()?, &options).await?,
    };
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check(project: &Project, options: &Check) -> Result<bool> {
    if options.routes {
        let led = check::requests(project.root(), std::io::stdin().lock())
            .map_err(|problem| Error::setup(problem, "ask for paths of this project"))?;
        for each in led {
            println!("{each}");
        }
        return Ok(true);
    }
    match check::run(project.root(), options.write) {
        Ok(()) => {
            println!("api/, Cargo.toml, vercel.json and the OpenAPI document agree");
            Ok(true)
        }
        Err(faults) => {
            for fault in faults {
                eprintln!("{fault}");
            }
            Ok(false)
        }
    }
}
