//! The processes of the functions: the built binaries, started when first asked, kept warm, started again when they die
//! or are built anew.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use rustix::process::Signal;
use tokio::{net::TcpStream, process::Child, sync::Mutex};

/// How long a function may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);
/// A port found free may be taken by another before the function binds it.
const ATTEMPTS: usize = 3;

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
) -> Result<Launched> {
    if !binary.is_file() {
        let problem = format!("{} is not built", binary.display());
        return Err(Error::setup(problem, "`make build` builds it"));
    }
    let name = binary.file_name().unwrap_or_default().display();
    let failed = || Error::io(format!("{name} cannot be started"));
    for _ in 0..ATTEMPTS {
        let (stdout, stderr) = process::log_file(log).map_err(failed())?;
        let port = process::free_port().map_err(failed())?;
        let mut child = process::command(binary, None, on_parent_death)
            .env_clear()
            .envs(environment)
            .env("VERCEL_DEV_PORT", port.to_string())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(failed())?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && matches!(child.try_wait(), Ok(None)) {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Launched { child, port });
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }
    let (log, tail) = (log.display(), process::tail(log, 5));
    let problem = format!("{name} ended before it listened; its log {log} ends with:\n{tail}");
    Err(Error::setup(problem, "is everything built? `make build`"))
}

/// All function processes of one stack.
#[derive(Debug)]
pub(super) struct Processes {
    binaries: PathBuf,
    logs: PathBuf,
    environment: BTreeMap<String, String>,
    running: Mutex<HashMap<String, Slot>>,
}

/// A process and when its binary was built.
type Slot = Arc<Mutex<Option<(Launched, Option<SystemTime>)>>>;

impl Processes {
    /// Processes of the binaries in a folder, each with this environment.
    pub(super) fn new(
        binaries: PathBuf,
        logs: PathBuf,
        environment: BTreeMap<String, String>,
    ) -> Self {
        Self {
            binaries,
            logs,
            environment,
            running: Mutex::default(),
        }
    }

    /// The port on which a function listens, starting it when it does not run.
    pub(super) async fn port(&self, name: &str) -> Result<u16> {
        let slot = Arc::clone(
            self.running
                .lock()
                .await
                .entry(name.to_owned())
                .or_default(),
        );
        let mut slot = slot.lock().await;
        let binary = self.binaries.join(name);
        let built = binary.metadata().and_then(|found| found.modified()).ok();
        if let Some((mut process, of)) = slot.take() {
            let alive = matches!(process.child.try_wait(), Ok(None));
            if alive && (built.is_none() || of == built) {
                return Ok(slot.insert((process, of)).0.port);
            }
            if alive {
                tokio::spawn(async move { end(&mut process, 30).await });
            }
        }
        let log = self.logs.join(format!("{name}.log"));
        let process = launch(&binary, &self.environment, &log, "TERM").await?;
        Ok(slot.insert((process, built)).0.port)
    }

    /// Lets every function finish what it does, and ends it.
    pub(super) async fn stop(&self) {
        let slots: Vec<_> = self.running.lock().await.drain().collect();
        let stopping = slots.into_iter().map(|(_, slot)| async move {
            if let Some((mut process, _)) = slot.lock().await.take() {
                end(&mut process, 10).await;
            }
        });
        futures_util::future::join_all(stopping).await;
    }
}

async fn end(process: &mut Launched, seconds: u64) {
    process::stop(
        &mut process.child,
        Signal::TERM,
        Duration::from_secs(seconds),
    )
    .await;
}
