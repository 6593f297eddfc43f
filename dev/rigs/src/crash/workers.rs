//! Dispatcher processes that are killed and stalled. Each is followed by another when it dies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalyst_cli::error::Result;
use futures_util::future::join_all;
use http::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use stack::{functions::launch, http_client};
use tokio::task::JoinSet;

/// The dispatcher's binary.
pub(crate) const DISPATCHER: &str = "api_cron";
/// Each worker is woken this often, as by many requests: a new one must not wait for the scheduler's minute.
const WAKE_EVERY: Duration = Duration::from_millis(300);
/// A worker that does not answer a wake-up within this is not waited for: others must not suffer from one that is stalled.
const PATIENCE: Duration = Duration::from_millis(500);
/// The same, for a wake-up that is to arrive.
const LONGEST_WAKE: Duration = Duration::from_secs(5);

/// The processes, those of one binary.
pub(crate) struct Workers {
    list: Mutex<Vec<Worker>>,
    secret: String,
    pub(crate) http: reqwest::Client,
    /// How often a worker was told to look for work.
    pub(crate) wakes: AtomicU64,
    /// How often two were told so at once, and both set out.
    pub(crate) doubled: AtomicU64,
    /// How many were ended.
    pub(crate) kills: AtomicU64,
}

#[derive(Clone, Copy, Default)]
struct Worker {
    /// None while it is not there.
    pid: Option<Pid>,
    port: u16,
    /// It is stopped, or about to end.
    is_struck: bool,
}

impl Worker {
    fn runs(&self) -> bool {
        self.pid.is_some() && !self.is_struck
    }
}

impl Workers {
    /// So many workers, none of which runs yet.
    pub(crate) fn new(count: usize, environment: &BTreeMap<String, String>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            list: Mutex::new(vec![Worker::default(); count]),
            secret: environment.get("CRON_SECRET").cloned().unwrap_or_default(),
            http: http_client::with_timeout(LONGEST_WAKE)?,
            wakes: AtomicU64::default(),
            doubled: AtomicU64::default(),
            kills: AtomicU64::default(),
        }))
    }

    /// Starts them and wakes them again and again; they end when the tasks are dropped.
    pub(crate) async fn start(
        self: &Arc<Self>,
        binary: &Path,
        environment: &BTreeMap<String, String>,
        logs: &Path,
    ) -> Result<JoinSet<()>> {
        let mut tasks = JoinSet::new();
        let count = self.list().len();
        for number in 0..count {
            let log = logs.join(format!("worker-{number}.log"));
            let first = launch(binary, environment, &log, "KILL").await?;
            let (workers, environment) = (Arc::clone(self), environment.clone());
            let binary = PathBuf::from(binary);
            tasks.spawn(async move {
                let mut next = Ok(first);
                // Without a worker the work does not end, and the rig says so.
                while let Ok(mut launched) = next {
                    let pid = launched
                        .child
                        .id()
                        .and_then(|id| Pid::from_raw(id.cast_signed()));
                    let (port, is_struck) = (launched.port, false);
                    workers.list()[number] = Worker {
                        pid,
                        port,
                        is_struck,
                    };
                    drop(launched.child.wait().await);
                    workers.list()[number] = Worker::default();
                    next = launch(&binary, &environment, &log, "KILL").await;
                }
            });
        }
        let workers = Arc::clone(self);
        tasks.spawn(async move {
            loop {
                workers.wake(workers.ports(), PATIENCE).await;
                tokio::time::sleep(WAKE_EVERY).await;
            }
        });
        Ok(tasks)
    }

    fn list(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The processes that are there.
    pub(crate) fn pids(&self) -> Vec<Pid> {
        self.list().iter().filter_map(|worker| worker.pid).collect()
    }

    /// Where those listen that can be called.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let list = self.list();
        list.iter()
            .filter(|worker| worker.runs())
            .map(|worker| worker.port)
            .collect()
    }

    /// Tells all of these that there is work.
    async fn wake(&self, ports: Vec<u16>, patience: Duration) {
        self.wakes.fetch_add(ports.len() as u64, Ordering::Relaxed);
        let set_out = join_all(ports.into_iter().map(|port| async move {
            let url = format!("http://127.0.0.1:{port}/api/cron/dispatch");
            let request = self.http.post(url).bearer_auth(&self.secret);
            let answer = request.timeout(patience).send().await;
            answer.is_ok_and(|answer| answer.status() == StatusCode::ACCEPTED)
        }));
        if set_out.await.into_iter().filter(|set_out| *set_out).count() > 1 {
            self.doubled.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Wakes two at once.
    pub(crate) async fn wake_two(&self, number: usize) {
        let mut ports = self.ports();
        if ports.len() > 1 {
            let count = ports.len();
            ports.rotate_left(number % count);
            ports.truncate(2);
            self.wake(ports, LONGEST_WAKE).await;
        }
    }

    /// Ends a worker, chosen by `random`, at this very moment. False when none runs.
    pub(crate) fn kill(&self, random: usize) -> bool {
        let killed = self.strike(random, Signal::KILL).is_some();
        self.kills.fetch_add(u64::from(killed), Ordering::Relaxed);
        killed
    }

    /// Stops a worker for this long; then it goes on where it stood. False when none runs.
    pub(crate) fn stall(self: &Arc<Self>, random: usize, duration: Duration) -> bool {
        let Some(number) = self.strike(random, Signal::STOP) else {
            return false;
        };
        let workers = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            let worker = &mut workers.list()[number];
            if let Some(pid) = worker.pid {
                let _ = kill_process(pid, Signal::CONT);
            }
            worker.is_struck = false;
        });
        true
    }

    /// Sends a signal to a worker that runs, and calls it no longer; its number.
    fn strike(&self, random: usize, signal: Signal) -> Option<usize> {
        let mut list = self.list();
        let running: Vec<usize> = (0..list.len()).filter(|n| list[*n].runs()).collect();
        let number = *running.get(random % running.len().max(1))?;
        list[number].is_struck = true;
        // One that has just ended by itself needs no help.
        let _ = kill_process(list[number].pid?, signal);
        Some(number)
    }

    /// Whether each of them is there and goes on.
    pub(crate) fn all_run(&self) -> bool {
        self.list().iter().all(Worker::runs)
    }
}
