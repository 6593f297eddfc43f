//! Starts a function's process.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use catalyst_cli::process;
use tokio::{net::TcpStream, process::Child};

/// How long a function may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);
/// A port found free may be taken by another before the function binds it.
const ATTEMPTS: usize = 3;

/// Why a function cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// There is no such binary.
    #[error("{} is not built: run `cargo build`", .0.display())]
    NotBuilt(PathBuf),
    /// The process ended before it listened.
    #[error("{binary} ended before it listened; its log {} ends with:\n{tail}", log.display())]
    Died {
        /// The function.
        binary: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// The system refused.
    #[error("{0} cannot be started: {1}")]
    Io(String, std::io::Error),
}

impl From<LaunchError> for catalyst_cli::Error {
    fn from(error: LaunchError) -> Self {
        Self::setup(error.to_string(), "is everything built? `make build`")
    }
}

/// A function's process, and where it listens.
#[derive(Debug)]
pub struct Launched {
    /// Ended when it is dropped.
    pub child: Child,
    /// On 127.0.0.1.
    pub port: u16,
}

/// Starts a function with exactly this environment and waits until it listens. It writes to `log`, and gets the signal
/// `on_parent_death` when this process dies.
///
/// # Errors
///
/// When it is not built, or does not come to listen.
pub async fn launch(
    binary: &Path,
    environment: &BTreeMap<String, String>,
    log: &Path,
    on_parent_death: &str,
) -> Result<Launched, LaunchError> {
    if !binary.is_file() {
        return Err(LaunchError::NotBuilt(binary.to_owned()));
    }
    let name = || binary.file_name().unwrap_or_default().display().to_string();
    let failed = |error| LaunchError::Io(name(), error);
    for _ in 0..ATTEMPTS {
        let (stdout, stderr) = process::log_file(log).map_err(failed)?;
        let port = process::free_port().map_err(failed)?;
        let mut child = process::command(binary, None, on_parent_death)
            .env_clear()
            .envs(environment)
            .env("VERCEL_DEV_PORT", port.to_string())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(failed)?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && matches!(child.try_wait(), Ok(None)) {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Launched { child, port });
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }
    Err(LaunchError::Died {
        binary: name(),
        log: log.to_owned(),
        tail: process::tail(log, 5),
    })
}
