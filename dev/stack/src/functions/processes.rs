//! The processes of the functions: the built binaries, started when first asked, kept warm, started again when they die
//! or are built anew.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustix::process::Signal;
use tokio::sync::Mutex;

use super::launch::{LaunchError, Launched, launch};
use catalyst_cli::process;

/// All function processes of one stack.
#[derive(Debug)]
pub(super) struct Processes {
    binaries: PathBuf,
    logs: PathBuf,
    environment: BTreeMap<String, String>,
    running: Mutex<HashMap<String, Slot>>,
}

type Slot = Arc<Mutex<Option<Running>>>;

#[derive(Debug)]
struct Running {
    process: Launched,
    built: Option<SystemTime>,
}

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
    pub(super) async fn port(&self, name: &str) -> Result<u16, LaunchError> {
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
            let alive = matches!(running.process.child.try_wait(), Ok(None));
            if alive && (built.is_none() || running.built == built) {
                return Ok(running.process.port);
            }
            if let Some(mut old) = slot.take().filter(|_| alive) {
                tokio::spawn(async move {
                    let child = &mut old.process.child;
                    process::stop(child, Signal::TERM, Duration::from_secs(30)).await;
                });
            }
        }
        let log = self.logs.join(format!("{name}.log"));
        let process = launch(&binary, &self.environment, &log, "TERM").await?;
        Ok(slot.insert(Running { process, built }).process.port)
    }

    /// Lets every function finish what it does, and ends it.
    pub(super) async fn stop(&self) {
        let slots: Vec<_> = self
            .running
            .lock()
            .await
            .drain()
            .map(|(_, slot)| slot)
            .collect();
        let stopping = slots.into_iter().map(|slot| async move {
            if let Some(mut running) = slot.lock().await.take() {
                process::stop(
                    &mut running.process.child,
                    Signal::TERM,
                    Duration::from_secs(10),
                )
                .await;
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
