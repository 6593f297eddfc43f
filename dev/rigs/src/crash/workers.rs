//! The dispatcher processes that are killed and stalled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::process;
use futures_util::future::join_all;
use rustix::process::Signal;
use sqlx::PgPool;
use stack::Stack;
use stack::functions::launch;
use tokio::process::Child;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::args::CrashArgs;
use super::dispatchers::{DISPATCHER, Dispatchers};
use super::load_balancer::LoadBalancer;

/// The function that takes the render service's callbacks.
const CALLBACKS: &str = "api_webhooks";
/// Each worker is woken this often, as by many requests: a new one must not wait for the scheduler's minute.
const WAKE_EVERY: Duration = Duration::from_millis(400);
/// One that is just being stalled must not keep the others from being woken.
const PATIENCE: Duration = Duration::from_millis(500);

/// The processes.
pub(super) struct Workers {
    slots: Vec<Slot>,
    environment: BTreeMap<String, String>,
    binary: PathBuf,
    logs: PathBuf,
    dispatchers: Arc<Dispatchers>,
    wakes: Arc<AtomicU64>,
    callbacks: Child,
    tasks: JoinSet<()>,
}

type Slot = Arc<Mutex<Worker>>;

#[derive(Default)]
struct Worker {
    child: Option<Child>,
    stalled: bool,
}

impl Workers {
    pub(super) async fn start(
        stack: &Stack,
        database: &PgPool,
        args: &CrashArgs,
        binaries: &Path,
        logs: &Path,
    ) -> Result<Self> {
        let count = args.workers.max(1);
        let mut environment = stack.environment().clone();
        let (listener, port) = process::listen().map_err(Error::io("no free port"))?;
        let app_url = format!("http://127.0.0.1:{port}");
        environment.insert("APP_URL".to_owned(), app_url.clone());
        redirect_scheduler(database, &app_url).await?;

        let dispatchers = Arc::new(Dispatchers::new(count, &environment)?);
        let log = logs.join(format!("{CALLBACKS}.log"));
        let callbacks = launch(&binaries.join(CALLBACKS), &environment, &log, "KILL").await?;
        let balancer = LoadBalancer::new(Arc::clone(&dispatchers), callbacks.port)?;
        let wakes = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(balancer.serve(listener));
        tasks.spawn(keep_awake(Arc::clone(&dispatchers), Arc::clone(&wakes)));
        let dispatcher = args.dispatcher.clone();
        let workers = Self {
            slots: (0..count).map(|_| Slot::default()).collect(),
            environment,
            binary: dispatcher.unwrap_or_else(|| binaries.join(DISPATCHER)),
            logs: logs.to_owned(),
            dispatchers,
            wakes,
            callbacks: callbacks.child,
            tasks,
        };
        for number in 0..count {
            workers.launch(number).await?;
        }
        Ok(workers)
    }

    async fn launch(&self, number: usize) -> Result {
        let log = self.logs.join(format!("worker-{number}.log"));
        let launched = launch(&self.binary, &self.environment, &log, "KILL").await?;
        *self.slots[number].lock().await = Worker {
            child: Some(launched.child),
            stalled: false,
        };
        self.dispatchers.set(number, Some(launched.port));
        Ok(())
    }

    /// The number of a worker that runs, chosen by `random`.
    async fn choose(&self, random: usize) -> usize {
        let mut running = Vec::new();
        for (number, slot) in self.slots.iter().enumerate() {
            if !slot.lock().await.stalled {
                running.push(number);
            }
        }
        match running.len() {
            0 => random % self.slots.len(),
            some => running[random % some],
        }
    }

    /// Ends a worker at this very moment, and starts another in its place.
    pub(super) async fn kill(&self, random: usize) -> Result {
        let number = self.choose(random).await;
        self.dispatchers.set(number, None);
        if let Some(mut child) = self.slots[number].lock().await.child.take() {
            process::signal(&child, Signal::KILL);
            drop(child.wait().await);
        }
        self.launch(number).await
    }

    /// Stops a worker for this long; then it goes on where it stood.
    pub(super) async fn stall(&self, random: usize, duration: Duration) {
        let number = self.choose(random).await;
        let slot = Arc::clone(&self.slots[number]);
        {
            let mut worker = slot.lock().await;
            if let Some(child) = &worker.child {
                process::signal(child, Signal::STOP);
            }
            worker.stalled = true;
        }
        let dispatchers = Arc::clone(&self.dispatchers);
        let port = dispatchers.set(number, None);
        tokio::spawn(async move {
            tokio::time::sleep(duration).await;
            let mut worker = slot.lock().await;
            if !worker.stalled {
                return;
            }
            if let Some(child) = &worker.child {
                process::signal(child, Signal::CONT);
            }
            worker.stalled = false;
            dispatchers.set(number, port);
        });
    }

    /// Waits until nobody is stalled and every claim has ended, a few leases at most.
    pub(super) async fn settle(&self, database: &PgPool, lease: Duration) -> Result {
        let until = Instant::now() + 3 * lease;
        while Instant::now() < until {
            let mut stalled = false;
            for slot in &self.slots {
                stalled |= slot.lock().await.stalled;
            }
            let running: i64 =
                sqlx::query_scalar("select count(*) from private.steps where state = 'running'")
                    .fetch_one(database)
                    .await
                    .map_err(Error::database("cannot count the claims"))?;
            if !stalled && running == 0 {
                // What a worker that has just woken up still wants to write is refused by now, or was in time.
                tokio::time::sleep(Duration::from_millis(500)).await;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// How often a worker was told to look for work.
    pub(super) fn wakes(&self) -> u64 {
        self.wakes.load(Ordering::Relaxed)
    }

    pub(super) async fn stop(mut self) {
        self.tasks.abort_all();
        for slot in &self.slots {
            if let Some(mut child) = slot.lock().await.child.take() {
                process::signal(&child, Signal::CONT);
                process::stop(&mut child, Signal::TERM, Duration::from_secs(5)).await;
            }
        }
        process::stop(&mut self.callbacks, Signal::TERM, Duration::from_secs(5)).await;
    }
}

/// The stack's own dispatcher must not help: nothing here kills it.
async fn redirect_scheduler(database: &PgPool, app_url: &str) -> Result {
    sqlx::query("select vault.update_secret(id, $1) from vault.secrets where name = 'app_url'")
        .bind(app_url)
        .execute(database)
        .await
        .map(drop)
        .map_err(Error::database("cannot lead the scheduler to the workers"))
}

/// Wakes each worker again and again; one that works already takes it as a hint.
async fn keep_awake(dispatchers: Arc<Dispatchers>, wakes: Arc<AtomicU64>) {
    loop {
        let ports = dispatchers.ports();
        wakes.fetch_add(ports.len() as u64, Ordering::Relaxed);
        join_all(
            ports
                .into_iter()
                .map(|port| dispatchers.wake(port, PATIENCE)),
        )
        .await;
        tokio::time::sleep(WAKE_EVERY).await;
    }
}
