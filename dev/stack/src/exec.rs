//! `catalyst-dev exec`: a command against a stack of its own.

use std::process::{ExitCode, ExitStatus};
use std::{os::unix::process::ExitStatusExt, path::Path, pin::Pin, time::Duration};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::{cluster, throwaway_folder};
use catalyst_cli::{process, project::Project};
use rustix::process::Signal;

use crate::{options::Options, signals::interruption, stack::Stack};

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
pub async fn run(project: &Project, args: ExecArgs) -> Result<ExitCode> {
    let folder = throwaway_folder()?;
    let options = Options::throwaway(project, args.release, folder.path())?;
    let mut interrupted = interruption()?;
    let running = tokio::select! {
        started = Stack::start(project, &options) => started?,
        () = &mut interrupted => return Ok(ExitCode::from(130)),
    };
    let status = run_against(&running, &args.words, interrupted.as_mut()).await;
    running.stop().await;
    if args.keep {
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
    interrupted: Pin<&mut impl Future<Output = ()>>,
) -> Result<ExitCode> {
    let mut child = process::command(Path::new(&words[0]), None, "TERM")
        .args(&words[1..])
        .envs(stack.environment())
        .envs(stack.libpq())
        .spawn()
        .map_err(Error::io(format!("cannot run {}", words.join(" "))))?;
    tokio::select! {
        status = child.wait() => {
            status.map(exit_code).map_err(Error::io("cannot wait for the command"))
        }
        () = interrupted => {
            process::stop(&mut child, Signal::TERM, Duration::from_secs(10)).await;
            Ok(ExitCode::from(130))
        }
    }
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(1));
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
