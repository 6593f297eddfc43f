//! `catalyst-dev check`.

use catalyst_cli::{Error, error::Result, project::Project};
use clap::Args;
use stack::check;

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Write the generated documents anew first.
    #[arg(long)]
    pub(crate) write: bool,
    /// Tell instead where requests lead: lines of JSON on standard input, {"target": "/api/me", "headers": {}}.
    #[arg(long, conflicts_with = "write")]
    pub(crate) routes: bool,
}

/// Prints what it finds; true: nothing.
pub(crate) fn run(project: &Project, options: &CheckArgs) -> Result<bool> {
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
