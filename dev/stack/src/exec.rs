//! `catalyst-dev exec`: a command against a stack of its own.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{ExitCode, ExitStatus},
    time::Duration,
};

use catalyst_cli::{
    error::{Error, Result},
    postgres::{cluster, throwaway_folder},
    process,
    project::Project,
};

use crate::{options::Options, signals::Signals, stack::Stack};

/// What to run, and how.
#[derive(Debug, clap::Args)]
pub struct ExecArgs {
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

/// Starts a fresh stack on free ports, runs the command with the stack's variables, and stops the stack. The exit code is the
/// command's.
///
/// # Errors
///
/// When the stack does not start or the command cannot be run.
pub async fn run(project: &Project, options: ExecArgs) -> Result<ExitCode> {
    let folder = throwaway_folder()?;
    let settings = Options::throwaway(project, options.release, folder.path())?;
    let mut interrupted = Signals::new()?;
    let starting = Stack::start(project, &settings);
    let running = tokio::select! {
        started = starting => started?,
        () = interrupted.next() => return Ok(ExitCode::from(130)),
    };
    let status = run_against(&running, &options.words, &mut interrupted).await;
    running.stop().await;
    if options.keep {
        eprintln!(
            "catalyst-dev: the stack's folder is {}",
            folder.keep().display()
        );
    } else {
        drop(cluster::remove(folder.path()));
    }
    status
}

async fn run_against(
    stack: &Stack,
    words: &[String],
    interrupted: &mut Signals,
) -> Result<ExitCode> {
    let mut child = program(words, stack.environment())
        .envs(stack.libpq())
        .spawn()
        .map_err(Error::io(format!("cannot run {}", words.join(" "))))?;
    let status = tokio::select! {
        status = child.wait() => status,
        () = interrupted.next() => {
            process::stop(&mut child, rustix::process::Signal::TERM, Duration::from_secs(10)).await;
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

/// A program to run against the stack, ended with it.
fn program(words: &[String], environment: &BTreeMap<String, String>) -> tokio::process::Command {
    let mut command = process::command(Path::new(&words[0]), None, "TERM");
    command.args(&words[1..]).envs(environment);
    command
}
