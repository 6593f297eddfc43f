//! `catalyst doctor`.

use std::path::PathBuf;

use super::examine::examine;
use crate::{
    error::Result,
    project::{Project, read_dotenv},
};

/// `catalyst doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// A file of NAME=value lines to check instead of .env and the environment.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Only read the configuration; call no service.
    #[arg(long)]
    offline: bool,
}

/// Runs the command; true when nothing is wrong.
///
/// # Errors
///
/// When the variables cannot be read.
pub async fn run(args: DoctorArgs) -> Result<bool> {
    let project = Project::find()?;
    let variables = match args.env_file {
        Some(file) => read_dotenv(&file)?,
        None => {
            let mut variables = project.dotenv()?;
            variables.extend(std::env::vars());
            variables
        }
    };
    let findings = examine(&project, &variables, args.offline).await;
    for finding in &findings {
        println!("{finding}");
    }
    let faults = findings.iter().filter(|finding| finding.is_fault()).count();
    match faults {
        0 => println!("nothing is wrong"),
        _ => println!("{faults} to fix"),
    }
    Ok(faults == 0)
}
