//! `catalyst-dev fakes`: the stand-ins alone.

use std::{path::PathBuf, process::ExitCode};

use catalyst_cli::error::Result;

use crate::{ports::Ports, signals::Signals, stand_ins::StandIns};

/// How to start them.
#[derive(Debug, clap::Args)]
pub struct FakesArgs {
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

/// Starts the stand-ins, prints where they are, and keeps them running until a signal comes.
///
/// # Errors
///
/// When a port is taken, or when what they hold cannot be kept.
pub async fn run(options: FakesArgs) -> Result<ExitCode> {
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
