//! The stack of a person: `catalyst-dev up` until Ctrl-C, `down`, and `reset`, which forgets its data.

use std::path::{Path, PathBuf};
use std::{fs, io, process::ExitCode, time::Duration};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{Durability, cluster};
use catalyst_cli::project::{Project, under_own_names};
use rustix::process::{Pid, Signal, kill_process};

use crate::options::{ExternalSupabase, Options, Ports, passed_variables};
use crate::{signals::interruption, stack::Stack};

/// How to start it.
#[derive(Debug, clap::Args)]
pub struct UpArgs {
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

/// Variables that say where Supabase is, which the local stack says itself.
const SUPABASE_VARIABLES: [&str; 5] = [
    "SUPABASE_URL",
    "SUPABASE_ANON_KEY",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_JWT_ISSUER",
    "SUPABASE_JWT_SECRET",
];

/// Starts the stack of the project and keeps it running until a signal comes.
///
/// # Errors
///
/// When one already runs in this folder, when a part of it does not start, or when Postgres ends.
pub async fn run(project: &Project, args: UpArgs) -> Result<ExitCode> {
    let claim = InstanceLock::claim(&project.state())?;
    let options = options(project, args)?;
    let mut interrupted = interruption()?;
    let mut running = tokio::select! {
        started = Stack::start(project, &options) => started?,
        () = &mut interrupted => return Ok(ExitCode::from(130)),
    };
    println!("{}", describe(&running));
    loop {
        tokio::select! {
            () = &mut interrupted => break,
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

fn options(project: &Project, args: UpArgs) -> Result<Options> {
    let mut variables = project.dotenv()?;
    variables.extend(passed_variables(project));
    let mut variables = under_own_names(variables)?;
    let supabase = if args.supabase {
        let cure = "put SUPABASE_URL and the project's keys into .env, as .env.example shows";
        let url = variables.get("SUPABASE_URL").cloned();
        let url = url.ok_or_else(|| Error::setup("SUPABASE_URL is not set", cure))?;
        Some(ExternalSupabase {
            url,
            database_url: variables.get("DATABASE_URL").cloned(),
        })
    } else {
        variables.retain(|name, _| !SUPABASE_VARIABLES.contains(&name.as_str()));
        None
    };
    Ok(Options {
        binaries: project.binaries(args.release),
        state: project.state(),
        ports: Ports::USUAL,
        durability: Durability::Kept,
        variables,
        catalog: args.catalog,
        supabase,
    })
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
    let stand_in = |name: &str| {
        let url = stack.environment().get(&format!("FAKE_{name}_URL"))?;
        Some(format!("{} {url}", name.to_lowercase()))
    };
    let stand_ins = ["GOOGLE", "YOUTUBE", "GEMINI", "REVID", "SLACK"];
    let stand_ins: Vec<_> = stand_ins.into_iter().filter_map(stand_in).collect();
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

/// Stops the project's stack, if one runs, and waits for its end.
///
/// # Errors
///
/// When its process cannot be reached or does not end.
pub async fn down(project: &Project) -> Result<ExitCode> {
    let Some(pid) = InstanceLock::find(&project.state()) else {
        println!("no stack runs in this folder");
        return Ok(ExitCode::SUCCESS);
    };
    kill_process(pid, Signal::TERM)
        .map_err(|error| Error::io("cannot stop the stack")(error.into()))?;
    for _ in 0..600 {
        if InstanceLock::find(&project.state()).is_none() {
            println!("stopped");
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let problem = format!("the stack, process {pid}, does not end");
    Err(Error::setup(problem, "see its terminal"))
}

/// Stops the project's stack and removes its data and secrets.
///
/// # Errors
///
/// When it does not end, or when the data cannot be removed.
pub async fn reset(project: &Project) -> Result<ExitCode> {
    down(project).await?;
    let state = project.state();
    cluster::remove(&state)?;
    match fs::remove_dir_all(&state) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(format!(
            "cannot remove {}",
            state.display()
        ))(error)),
        _ => {
            println!("the local data is gone; `catalyst-dev up` starts afresh");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The lock of a running stack, by which another command finds it.
#[derive(Debug)]
struct InstanceLock {
    _lock: fs::File,
    path: PathBuf,
}

impl InstanceLock {
    /// Claims a state folder; refuses when another process holds it.
    fn claim(state: &Path) -> Result<Self> {
        fs::create_dir_all(state).map_err(Error::io(format!("cannot make {}", state.display())))?;
        let path = state.join("up.pid");
        let failed = || Error::io(format!("cannot write {}", path.display()));
        let mut kept = fs::File::options();
        let kept = kept.create(true).truncate(false).write(true);
        let lock = kept.open(state.join("lock")).map_err(failed())?;
        if lock.try_lock().is_err() {
            let problem = "a stack already runs in this folder";
            return Err(Error::setup(
                problem,
                "use it, or stop it with `catalyst-dev down`",
            ));
        }
        fs::write(&path, std::process::id().to_string()).map_err(failed())?;
        Ok(Self { _lock: lock, path })
    }

    /// The process that runs the stack of a state folder.
    fn find(state: &Path) -> Option<Pid> {
        let lock = fs::File::open(state.join("lock")).ok()?;
        // A lock that can be taken is held by nobody.
        if lock.try_lock().is_ok() {
            return None;
        }
        let pid = fs::read_to_string(state.join("up.pid")).ok()?;
        Pid::from_raw(pid.trim().parse().ok()?)
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}
