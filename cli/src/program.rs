//! How a tool at a prompt starts and ends.

use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::{Error, Result};

/// Runs a tool's work on a runtime of several threads and says under the tool's name why it failed. `RUST_LOG` decides what is
/// logged to standard error, `quiet` where it is not set.
pub fn run(name: &str, quiet: &str, work: impl Future<Output = Result<ExitCode>>) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| quiet.into()))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .without_time()
        .init();
    // reqwest is built without a provider of its own.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = tokio::runtime::Runtime::new().map_err(Error::io("cannot start"));
    runtime
        .and_then(|runtime| runtime.block_on(work))
        .unwrap_or_else(|error| {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        })
}
