//! `catalyst`: the local stack and what else a person runs at a prompt.

mod score;

use std::{
    path::PathBuf,
    process::{ExitCode, ExitStatus},
    time::Duration,
};

use catalyst_cli::{
    Error, backup, bench, check, crash, demo, doctor,
    error::Result,
    keys, migrate, outages, postgres_config,
    project::Project,
    recover,
    stack::{
        self, Options, Ports, Running, Stack, Supabase, cluster, cluster::Durability,
        stand_ins::StandIns,
    },
};
use clap::{Args, Parser, Subcommand};
use sqlx::postgres::PgConnectOptions;
use tokio::signal::unix::{SignalKind, signal};

/// The Data API makes a tree of small values of every row: a good third of what it does is asking for memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    name = "catalyst",
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
    Up(Up),
    /// Stop the stack of this folder.
    Down,
    /// Stop the stack and forget its data and secrets.
    Reset,
    /// Run a command against a fresh stack on free ports, which is thrown away afterwards.
    Exec(Exec),
    /// Start only the stand-ins of the outside services, for a front end's own tests.
    Fakes(FakesOnly),
    /// Check the configuration of a deployment, and name each problem and its cure.
    Doctor(Doctor),
    /// Apply, list or check the database's migrations.
    Migrate(Migrate),
    /// Back a database up, show that the backup is good, and restore it.
    Backup(backup::BackupArgs),
    /// Bring the service back from a backup after its database was lost; without --apply it only looks.
    Recover(recover::RecoverArgs),
    /// Lose the local stack's database in the middle of uploads, recover, and count what the world outside saw.
    Drill(recover::drill::DrillArgs),
    /// Compare a production database's settings with what is wanted, and set what its owner may set.
    PostgresConfig(postgres_config::ConfigArgs),
    /// Look after the keys that tokens are encrypted with.
    Keys(Keys),
    /// Score a channel's videos from a CSV file.
    Score(score::ScoreArgs),
    /// Measure performance: the release build beside the same functions in TypeScript.
    Bench(bench::BenchArgs),
    /// Kill and stall workers while they render and upload, and count what the world outside saw.
    Crash(crash::CrashArgs),
    /// Kill a worker once before and once after every call that a step makes, and count what the world outside saw.
    CrashPoints(crash::points::PointsArgs),
    /// Call every operation while each service behind it is away, slow or talks nonsense.
    Outages(outages::OutagesArgs),
    /// Run the whole loop once, for a new user, on a stack of its own.
    Demo(demo::DemoArgs),
    /// Compare api/, the manifest, vercel.json and the OpenAPI document with each other.
    Check(Check),
}

#[derive(Debug, Args)]
struct Up {
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
    /// Use the Supabase project that SUPABASE_URL and its keys in .env name (`supabase start`'s, or a hosted one).
    #[arg(long)]
    supabase: bool,
    /// A CSV file whose videos the stand-in channel has (title, published_at, views, likes, comments).
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Exec {
    /// Use the functions of the release build.
    #[arg(long)]
    release: bool,
    /// Keep the stack's folder, with its logs, and say where it is.
    #[arg(long)]
    keep: bool,
    /// The command and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

#[derive(Debug, Args)]
struct FakesOnly {
    /// A CSV file whose videos the stand-in channel has (title, published_at, views, likes, comments).
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// A folder to keep the stand-ins' world in; it is forgotten without one.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Listen on free ports instead of 54331 to 54335.
    #[arg(long)]
    free_ports: bool,
}

#[derive(Debug, Args)]
struct Doctor {
    /// A file of NAME=value lines to check instead of .env and the environment.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Only read the configuration; ask nobody.
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Args)]
struct Check {
    /// Write the generated documents anew first.
    #[arg(long)]
    write: bool,
    /// Tell instead what requests meet: lines of JSON on standard input, {"target": "/api/me", "headers": {}}.
    #[arg(long, conflicts_with = "write")]
    routes: bool,
}

#[derive(Debug, Args)]
struct Migrate {
    #[command(subcommand)]
    action: MigrateAction,
    /// The database; without it, the stack of this folder.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The folder with the migrations.
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Keys {
    #[command(subcommand)]
    action: KeysAction,
    /// The database; without it, the stack of this folder.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum KeysAction {
    /// Seal everything anew under the first key of TOKEN_ENCRYPTION_KEYS, while the product works.
    Rotate,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum MigrateAction {
    /// Apply every pending migration, each in one transaction.
    Up,
    /// Say where every migration stands.
    Status,
    /// Refuse unless every applied migration is the file that was applied.
    Verify,
}

/// The Data API logs every refusal as an error, although it is the answer that was asked for.
const QUIET: &str = "warn,postrust_engine=off,postrust_server=off,sqlx=error";

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| QUIET.into()),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .without_time()
        .init();
    // reqwest is built without a provider of its own.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("catalyst: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(Cli::parse())) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("catalyst: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Up(options) => up(options).await,
        Command::Down => down(&Project::find()?).await,
        Command::Reset => {
            let project = Project::find()?;
            down(&project).await?;
            reset(&project)
        }
        Command::Exec(options) => exec(options).await,
        Command::Fakes(options) => fakes_only(options).await,
        Command::Doctor(options) => doctor(options).await,
        Command::Migrate(options) => migrate(options).await,
        Command::Backup(options) => {
            backup::run(options).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Recover(options) => {
            let recovered = recover::run(&Project::find()?, &options).await?;
            Ok(if recovered {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Drill(options) => {
            let passed = recover::drill::run(&Project::find()?, &options).await?;
            Ok(if passed {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::PostgresConfig(options) => {
            let as_wanted = postgres_config::run(&options).await?;
            Ok(if as_wanted {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Keys(options) => keys_command(options).await,
        Command::Score(options) => Ok(score::run(&options)),
        Command::Check(options) => check(&options),
        Command::Bench(options) => {
            let met = bench::run(&Project::find()?, &options).await?;
            Ok(if met {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Crash(options) => {
            let kept = crash::run(&Project::find()?, &options).await?;
            Ok(if kept {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::CrashPoints(options) => {
            let kept = crash::points::run(&Project::find()?, &options).await?;
            Ok(if kept {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Outages(options) => {
            let kept = outages::run(&Project::find()?, &options).await?;
            Ok(if kept {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Demo(options) => {
            let done = demo::run(&Project::find()?, &options).await?;
            Ok(if done {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

async fn up(options: Up) -> Result<ExitCode> {
    let project = Project::find()?;
    let state = project.state();
    let claim = Running::claim(&state)?;
    let mut variables = project.dotenv()?;
    variables.extend(stack::passed_variables(&project));
    let supabase = if options.supabase {
        let url = variables.get("SUPABASE_URL").cloned().ok_or_else(|| {
            Error::setup(
                "SUPABASE_URL is not set",
                "put SUPABASE_URL and the project's keys into .env, as .env.example shows",
            )
        })?;
        Some(Supabase {
            url,
            database_url: variables.get("DATABASE_URL").cloned(),
        })
    } else {
        for name in [
            "SUPABASE_URL",
            "SUPABASE_ANON_KEY",
            "SUPABASE_SERVICE_ROLE_KEY",
            "SUPABASE_JWT_ISSUER",
            "SUPABASE_JWT_SECRET",
        ] {
            variables.remove(name);
        }
        None
    };
    let options = Options {
        binaries: project.binaries(options.release),
        state,
        ports: Ports::USUAL,
        durability: Durability::Kept,
        variables,
        catalog: options.catalog,
        supabase,
    };
    let mut interrupted = Signals::new()?;
    let starting = Stack::start(&project, &options);
    let mut running = tokio::select! {
        started = starting => started?,
        () = interrupted.next() => return Ok(ExitCode::from(130)),
    };
    println!("{}", describe(&running));
    loop {
        tokio::select! {
            () = interrupted.next() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => if !running.is_healthy() {
                running.stop().await;
                return Err(Error::setup("Postgres has ended", "see .catalyst/logs/postgres.log"));
            },
        }
    }
    println!("stopping");
    running.stop().await;
    drop(claim);
    Ok(ExitCode::SUCCESS)
}

fn describe(stack: &Stack) -> String {
    let value = |name: &str| stack.environment().get(name).cloned().unwrap_or_default();
    let mut lines = vec![
        format!("functions   {}", value("APP_URL")),
        format!("Supabase    {}", value("SUPABASE_URL")),
    ];
    if let Some(url) = stack.environment().get("DATABASE_URL") {
        lines.push(format!("Postgres    {url}"));
    }
    let stand_ins: Vec<_> = ["GOOGLE", "YOUTUBE", "GEMINI", "REVID", "SLACK"]
        .iter()
        .filter_map(|name| {
            Some(format!(
                "{} {}",
                name.to_lowercase(),
                stack.environment().get(&format!("FAKE_{name}_URL"))?
            ))
        })
        .collect();
    lines.push(if stand_ins.is_empty() {
        "services    the real ones".to_owned()
    } else {
        format!("stand-ins   {}", stand_ins.join(" · "))
    });
    lines.push(format!("public key  {}", value("SUPABASE_PUBLISHABLE_KEY")));
    if !stack.applied().is_empty() {
        lines.push(format!("migrations  {} applied", stack.applied().len()));
    }
    lines.push("Ctrl-C stops all of it; the data stays in .catalyst".to_owned());
    lines.join("\n")
}

async fn down(project: &Project) -> Result<ExitCode> {
    let Some(pid) = Running::find(&project.state()) else {
        println!("no stack runs in this folder");
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .map_err(|error| Error::io("cannot stop the stack")(error.into()))?;
    }
    for _ in 0..600 {
        if Running::find(&project.state()).is_none() {
            println!("stopped");
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Error::setup(
        format!("the stack, process {pid}, does not end"),
        "see its terminal",
    ))
}

fn reset(project: &Project) -> Result<ExitCode> {
    let state = project.state();
    cluster::remove(&state)?;
    match std::fs::remove_dir_all(&state) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(format!(
            "cannot remove {}",
            state.display()
        ))(error)),
        _ => {
            println!("the local data is gone; `catalyst up` starts afresh");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn exec(options: Exec) -> Result<ExitCode> {
    let project = Project::find()?;
    let folder = stack::throwaway_folder()?;
    let settings = Options {
        binaries: project.binaries(options.release),
        state: folder.path().to_owned(),
        ports: Ports::free()?,
        durability: Durability::Throwaway,
        variables: stack::passed_variables(&project),
        catalog: None,
        supabase: None,
    };
    let mut interrupted = Signals::new()?;
    let starting = Stack::start(&project, &settings);
    let running = tokio::select! {
        started = starting => started?,
        () = interrupted.next() => return Ok(ExitCode::from(130)),
    };
    let status = run_against(&running, &options.words, &mut interrupted).await;
    running.stop().await;
    if options.keep {
        eprintln!(
            "catalyst: the stack's folder is {}",
            folder.keep().display()
        );
    } else {
        drop(cluster::remove(folder.path()));
    }
    status
}

async fn fakes_only(options: FakesOnly) -> Result<ExitCode> {
    let ports = if options.free_ports {
        [0; 5]
    } else {
        Ports::USUAL.stand_ins
    };
    let mut interrupted = Signals::new()?;
    let running = StandIns::start(ports, options.keep.as_deref(), options.catalog).await?;
    for (name, value) in running.environment() {
        println!("{name}={value}");
    }
    interrupted.next().await;
    running.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn run_against(
    stack: &Stack,
    words: &[String],
    interrupted: &mut Signals,
) -> Result<ExitCode> {
    let mut child = stack::program(words, stack.environment())
        .envs(stack.libpq())
        .spawn()
        .map_err(Error::io(format!("cannot run {}", words.join(" "))))?;
    let status = tokio::select! {
        status = child.wait() => status,
        () = interrupted.next() => {
            catalyst_cli::process::stop(&mut child, rustix::process::Signal::TERM, Duration::from_secs(10)).await;
            return Ok(ExitCode::from(130));
        }
    };
    status
        .map(exit_code)
        .map_err(Error::io("cannot wait for the command"))
}

fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(1));
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

async fn keys_command(options: Keys) -> Result<ExitCode> {
    let KeysAction::Rotate = options.action;
    let keys = match std::env::var("TOKEN_ENCRYPTION_KEYS") {
        Ok(keys) => Some(keys),
        Err(_) => Project::find()?.dotenv()?.remove("TOKEN_ENCRYPTION_KEYS"),
    };
    let keys = keys.filter(|keys| !keys.is_empty()).ok_or_else(|| {
        Error::setup(
            "TOKEN_ENCRYPTION_KEYS is not set",
            "give the keys as the functions have them, the new one first: new:base64,old:base64",
        )
    })?;
    let rotation = keys::rotate(login(options.database_url.as_deref())?, &keys.into()).await?;
    println!("{rotation}");
    Ok(if rotation.left == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The database that was named, or the one of this folder's stack.
fn login(database_url: Option<&str>) -> Result<PgConnectOptions> {
    match database_url {
        Some(url) => url
            .parse()
            .map_err(Error::database("the database's URL cannot be read")),
        None => Ok(cluster::login(Ports::USUAL.postgres, "postgres")),
    }
}

async fn migrate(options: Migrate) -> Result<ExitCode> {
    let folder = match options.dir {
        Some(folder) => folder,
        None => Project::find()?.migrations(),
    };
    let login = login(options.database_url.as_deref())?;
    match options.action {
        MigrateAction::Up => {
            let applied = migrate::up(&login, &folder, |migration| {
                println!("applied {}", migration.file);
            })
            .await?;
            println!(
                "{}",
                if applied.is_empty() {
                    "nothing to apply".to_owned()
                } else {
                    format!("{} applied", applied.len())
                }
            );
        }
        MigrateAction::Status => {
            for line in migrate::status(&login, &folder).await? {
                println!("{:<22} {}_{}", line.state, line.version, line.name);
            }
        }
        MigrateAction::Verify => println!(
            "{} applied, all as their files",
            migrate::verify(&login, &folder).await?
        ),
    }
    Ok(ExitCode::SUCCESS)
}

async fn doctor(options: Doctor) -> Result<ExitCode> {
    let project = Project::find()?;
    let variables = match options.env_file {
        Some(file) => catalyst_cli::project::read_dotenv(&file)?,
        None => {
            let mut variables = project.dotenv()?;
            variables.extend(std::env::vars());
            variables
        }
    };
    let findings = doctor::examine(&project, &variables, options.offline).await;
    for finding in &findings {
        println!("{finding}");
    }
    let faults = findings.iter().filter(|finding| finding.is_fault()).count();
    println!(
        "{}",
        if faults == 0 {
            "nothing is wrong".to_owned()
        } else {
            format!("{faults} to mend")
        }
    );
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check(options: &Check) -> Result<ExitCode> {
    let project = Project::find()?;
    if options.routes {
        let met = check::requests(project.root(), std::io::stdin().lock())
            .map_err(|problem| Error::setup(problem, "ask for paths of this project"))?;
        for each in met {
            println!("{each}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    match check::run(project.root(), options.write) {
        Ok(()) => {
            println!("api/, Cargo.toml, vercel.json and the OpenAPI document agree");
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            for fault in faults {
                eprintln!("{fault}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Ctrl-C, `kill`, and the end of the terminal.
#[derive(Debug)]
struct Signals([tokio::signal::unix::Signal; 3]);

impl Signals {
    fn new() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(Error::io("cannot listen to signals"));
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
