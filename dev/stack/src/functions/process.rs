//! The processes of the functions: the built binaries, started when first asked, kept warm, started again when they die
//! or are built anew.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use rustix::process::Signal;
use tokio::{net::TcpStream, process::Child, sync::Mutex};

use catalyst_cli::process;

/// Why a function cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such binary.
    #[error("{} is not built: run `cargo build`", .0.display())]
    NotBuilt(PathBuf),
    /// The process ended before it listened.
    #[error("{name} ended before it listened; its log {} ends with:\n{tail}", log.display())]
    Died {
        /// The function.
        name: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// The system refused.
    #[error("{0} cannot be started: {1}")]
    Io(String, std::io::Error),
}

/// All function processes of one stack.
#[derive(Debug)]
pub struct Processes {
    binaries: PathBuf,
    logs: PathBuf,
    environment: BTreeMap<String, String>,
    running: Mutex<HashMap<String, Slot>>,
}

type Slot = Arc<Mutex<Option<Running>>>;

#[derive(Debug)]
struct Running {
    child: Child,
    port: u16,
    built: Option<SystemTime>,
}

impl Processes {
    /// Processes of the binaries in a folder, each with this environment.
    pub fn new(binaries: PathBuf, logs: PathBuf, environment: BTreeMap<String, String>) -> Self {
        Self {
            binaries,
            logs,
            environment,
            running: Mutex::default(),
        }
    }

    /// The port on which a function listens, starting it when it does not run.
    pub async fn port(&self, name: &str) -> Result<u16, StartError> {
        let slot = Arc::clone(
            self.running
                .lock()
                .await
                .entry(name.to_owned())
                .or_default(),
        );
        let mut slot = slot.lock().await;
        let binary = self.binaries.join(name);
        let built = built(&binary);
        if let Some(running) = slot.as_mut() {
            let alive = matches!(running.child.try_wait(), Ok(None));
            if alive && (built.is_none() || running.built == built) {
                return Ok(running.port);
            }
            if let Some(mut old) = slot.take().filter(|_| alive) {
                tokio::spawn(async move {
                    process::stop(&mut old.child, Signal::TERM, Duration::from_secs(30)).await;
                });
            }
        }
        if built.is_none() {
            return Err(StartError::NotBuilt(binary));
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            // A port found free may be taken by another before the function binds it.
            match self.start(name, &binary, built).await {
                Ok(running) => return Ok(slot.insert(running).port),
                Err(StartError::Died { .. }) if attempt < 3 => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn start(
        &self,
        name: &str,
        binary: &Path,
        built: Option<SystemTime>,
    ) -> Result<Running, StartError> {
        let failed = |error| StartError::Io(name.to_owned(), error);
        let log = self.logs.join(format!("{name}.log"));
        let (stdout, stderr) = process::log_file(&log).map_err(failed)?;
        let port = process::free_port().map_err(failed)?;
        let mut child = process::command(binary, None, "TERM")
            .env_clear()
            .envs(&self.environment)
            .env("VERCEL_DEV_PORT", port.to_string())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(failed)?;
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if !matches!(child.try_wait(), Ok(None)) || Instant::now() > deadline {
                return Err(StartError::Died {
                    name: name.to_owned(),
                    tail: process::tail(&log, 5),
                    log,
                });
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        Ok(Running { child, port, built })
    }

    /// Lets every function finish what it does, and ends it.
    pub async fn stop(&self) {
        let slots: Vec<_> = self
            .running
            .lock()
            .await
            .drain()
            .map(|(_, slot)| slot)
            .collect();
        let stopping = slots.into_iter().map(|slot| async move {
            if let Some(mut running) = slot.lock().await.take() {
                process::stop(&mut running.child, Signal::TERM, Duration::from_secs(10)).await;
            }
        });
        futures_util::future::join_all(stopping).await;
    }
}

fn built(binary: &Path) -> Option<SystemTime> {
    std::fs::metadata(binary)
        .and_then(|found| found.modified())
        .ok()
}
