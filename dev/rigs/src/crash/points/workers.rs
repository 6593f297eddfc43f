//! The dispatcher processes behind the proxy, and the scheduler that delivers everything at least twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use futures_util::stream::{self, StreamExt};
use tokio::task::JoinHandle;

use super::proxy::FaultProxy;
use crate::crash::workers::{DISPATCHER, launch};

/// How often every worker is told that there is work.
const WAKE_EVERY: Duration = Duration::from_millis(250);
/// Deliveries under way at a time when many are made.
const AT_ONCE: usize = 4;

/// The processes; ended when this is dropped.
pub(super) struct Workers {
    scheduler: Arc<Scheduler>,
    tasks: Vec<JoinHandle<()>>,
}

struct Scheduler {
    /// The port of each worker that runs.
    ports: Mutex<Vec<Option<u16>>>,
    secret: String,
    http: reqwest::Client,
    doubled: AtomicU64,
}

impl Workers {
    /// Starts the workers, each of which is followed by another when it dies.
    pub(super) async fn start(
        proxy: &Arc<FaultProxy>,
        environment: &BTreeMap<String, String>,
        workers: usize,
        binaries: &Path,
        logs: &Path,
    ) -> Result<Self> {
        let http = clients::tls::client_builder()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| {
                Error::setup(
                    format!("no HTTP client: {error}"),
                    "this is a fault of the tool",
                )
            })?;
        let scheduler = Arc::new(Scheduler {
            ports: Mutex::new(vec![None; workers]),
            secret: environment.get("CRON_SECRET").cloned().unwrap_or_default(),
            http,
            doubled: AtomicU64::new(0),
        });
        let binary = binaries.join(DISPATCHER);
        let mut tasks = Vec::new();
        for number in 0..workers {
            let name = format!("worker-{number}");
            let first = launch(&binary, environment, logs, &name).await?;
            let (scheduler, proxy) = (Arc::clone(&scheduler), Arc::clone(proxy));
            let (binary, logs) = (binary.clone(), logs.to_owned());
            let environment = environment.clone();
            tasks.push(tokio::spawn(async move {
                let mut next = Ok(first);
                // Without a worker the work does not end, and the rig says so.
                while let Ok((mut child, port)) = next {
                    let pid = child.id().and_then(|id| i32::try_from(id).ok());
                    if let Some(pid) = pid {
                        proxy.registry().enter(pid);
                    }
                    scheduler.ports()[number] = Some(port);
                    drop(child.wait().await);
                    scheduler.ports()[number] = None;
                    if let Some(pid) = pid {
                        proxy.registry().leave(pid);
                    }
                    next = launch(&binary, &environment, &logs, &name).await;
                }
            }));
        }
        let waking = Arc::clone(&scheduler);
        tasks.push(tokio::spawn(async move {
            loop {
                waking.deliver_to_all().await;
                tokio::time::sleep(WAKE_EVERY).await;
            }
        }));
        Ok(Self { scheduler, tasks })
    }

    /// Delivers this many occurrences of the schedule, each to two workers at once.
    pub(super) async fn deliver_twice(&self, occurrences: usize) {
        stream::iter(0..occurrences)
            .for_each_concurrent(AT_ONCE, |number| self.scheduler.deliver_twice(number))
            .await;
    }

    /// Occurrences that two processes took at once.
    pub(super) fn doubled(&self) -> u64 {
        self.scheduler.doubled.load(Ordering::Relaxed)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Scheduler {
    fn ports(&self) -> MutexGuard<'_, Vec<Option<u16>>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn deliver(&self, port: u16) -> bool {
        self.http
            .post(format!("http://127.0.0.1:{port}/api/cron/dispatch"))
            .bearer_auth(&self.secret)
            .send()
            .await
            .is_ok_and(|answer| answer.status() == http::StatusCode::ACCEPTED)
    }

    fn count(&self, taken: impl IntoIterator<Item = bool>) {
        if taken.into_iter().filter(|taken| *taken).count() >= 2 {
            self.doubled.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn deliver_to_all(&self) {
        let ports: Vec<u16> = self.ports().iter().flatten().copied().collect();
        let taken =
            futures_util::future::join_all(ports.into_iter().map(|port| self.deliver(port))).await;
        self.count(taken);
    }

    async fn deliver_twice(&self, number: usize) {
        let ports: Vec<u16> = self.ports().iter().flatten().copied().collect();
        if let [first, .., last] = ports[..] {
            let middle = ports[number % ports.len()];
            let other = if middle == first { last } else { first };
            let taken = tokio::join!(self.deliver(middle), self.deliver(other));
            self.count([taken.0, taken.1]);
        }
    }
}
