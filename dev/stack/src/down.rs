//! `catalyst-dev down` and `catalyst-dev reset`: the end of a project's stack, and of its data.

use std::{process::ExitCode, time::Duration};

use catalyst_cli::{
    error::{Error, Result},
    postgres::cluster,
    project::Project,
};

use crate::instance_lock::InstanceLock;

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
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .map_err(|error| Error::io("cannot stop the stack")(error.into()))?;
    }
    for _ in 0..600 {
        if InstanceLock::find(&project.state()).is_none() {
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

/// Stops the project's stack and removes its data and secrets.
///
/// # Errors
///
/// When it does not end, or when the data cannot be removed.
pub async fn reset(project: &Project) -> Result<ExitCode> {
    down(project).await?;
    let state = project.state();
    cluster::remove(&state)?;
    match std::fs::remove_dir_all(&state) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(format!(
            "cannot remove {}",
            state.display()
        ))(error)),
        _ => {
            println!("the local data is gone; `catalyst-dev up` starts afresh");
            Ok(ExitCode::SUCCESS)
        }
    }
}
