//! The dispatcher processes behind the proxy, and the scheduler that delivers everything at least twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use catalyst_cli::error::Result;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use stack::functions::{Launched, launch};
use tokio::task::JoinSet;

use super::proxy::FaultProxy;
use crate::crash::dispatchers::{DISPATCHER, Dispatchers, LONGEST_WAKE};

/// How often every worker is told that there is work.
const WAKE_EVERY: Duration = Duration::from_millis(250);
/// Deliveries under way at a time when many are made.
const AT_ONCE: usize = 4;

/// The processes; ended when this is dropped.
pub(super) struct Workers {
    scheduler: Arc<Scheduler>,
    _tasks: JoinSet<()>,
}

struct Scheduler {
    dispatchers: Dispatchers,
    /// Occurrences that two processes took at once.
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
        let scheduler = Arc::new(Scheduler {
            dispatchers: Dispatchers::new(workers, environment)?,
            doubled: AtomicU64::new(0),
        });
        let binary = binaries.join(DISPATCHER);
        let mut tasks = JoinSet::new();
        for number in 0..workers {
            let log = logs.join(format!("worker-{number}.log"));
            let first = launch(&binary, environment, &log, "KILL").await?;
            let (scheduler, proxy) = (Arc::clone(&scheduler), Arc::clone(proxy));
            let (binary, environment) = (binary.clone(), environment.clone());
            tasks.spawn(async move {
                let mut next = Ok(first);
                // Without a worker the work does not end, and the rig says so.
                while let Ok(worker) = next {
                    scheduler.follow(number, worker, &proxy).await;
                    next = launch(&binary, &environment, &log, "KILL").await;
                }
            });
        }
        let waking = Arc::clone(&scheduler);
        tasks.spawn(async move {
            loop {
                waking.deliver_to_all().await;
                tokio::time::sleep(WAKE_EVERY).await;
            }
        });
        Ok(Self {
            scheduler,
            _tasks: tasks,
        })
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

impl Scheduler {
    /// Delivers to a worker until it ends.
    async fn follow(&self, number: usize, mut worker: Launched, proxy: &FaultProxy) {
        let pid = worker.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid {
            proxy.registry().enter(pid);
        }
        self.dispatchers.set(number, Some(worker.port));
        drop(worker.child.wait().await);
        self.dispatchers.set(number, None);
        if let Some(pid) = pid {
            proxy.registry().leave(pid);
        }
    }

    async fn deliver(&self, port: u16) -> bool {
        self.dispatchers.wake(port, LONGEST_WAKE).await
    }

    fn count(&self, taken: impl IntoIterator<Item = bool>) {
        if taken.into_iter().filter(|taken| *taken).count() >= 2 {
            self.doubled.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn deliver_to_all(&self) {
        let ports = self.dispatchers.ports();
        self.count(join_all(ports.into_iter().map(|port| self.deliver(port))).await);
    }

    async fn deliver_twice(&self, number: usize) {
        let ports = self.dispatchers.ports();
        if let [first, .., last] = ports[..] {
            let middle = ports[number % ports.len()];
            let other = if middle == first { last } else { first };
            let taken = tokio::join!(self.deliver(middle), self.deliver(other));
            self.count([taken.0, taken.1]);
        }
    }
}
